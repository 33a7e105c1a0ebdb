/** Returns a function that makes a value on the first call and returns the same value on every later call. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** As `once`, but with one value for each owner; it is dropped together with its owner. */
export function oncePerOwner<O extends object, T>(make: (owner: O) => T): (owner: O) => T {
  const made = new WeakMap<O, { readonly value: T }>()
  return owner => {
    const known = made.get(owner) ?? { value: make(owner) }
    made.set(owner, known)
    return known.value
  }
}

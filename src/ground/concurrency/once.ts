/** Returns a function that makes a value on the first call and returns the same value on every later call. */
export function once<T>(make: () => T): () => T {
  let cached: { readonly value: T } | undefined
  return () => {
    cached ??= { value: make() }
    return cached.value
  }
}

/** As `once`, but with one value for each owner; it is dropped together with its owner. */
export function oncePerOwner<O extends object, T>(make: (owner: O) => T): (owner: O) => T {
  const byOwner = new WeakMap<O, { readonly value: T }>()
  return owner => {
    const cached = byOwner.get(owner) ?? { value: make(owner) }
    byOwner.set(owner, cached)
    return cached.value
  }
}

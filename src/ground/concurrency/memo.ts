/**
 * Keeps values that never change, by their key. Keys may come from outside: when there are too many, all are forgotten.
 *
 * @param maxSize how many keys to keep
 * @returns a function that returns the value made for this key the first time
 */
export function memo<T, Key extends string | number = string>(
  maxSize: number,
): (key: Key, make: () => T) => T {
  const values = new Map<Key, { readonly value: T }>()
  return (key, make) => {
    const known = values.get(key)
    if (known) return known.value
    const value = make()
    if (values.size >= maxSize) values.clear()
    values.set(key, { value })
    return value
  }
}

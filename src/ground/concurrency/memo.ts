/**
 * Keeps what does not change by its key. Keys may come from outside: when there are too many, all are forgotten.
 *
 * @param most keys
 * @returns what was made under this key the first time
 */
export function memo<T>(most: number): (key: string, make: () => T) => T {
  const made = new Map<string, { readonly value: T }>()
  return (key, make) => {
    const known = made.get(key)
    if (known) return known.value
    const value = make()
    if (made.size >= most) made.clear()
    made.set(key, { value })
    return value
  }
}

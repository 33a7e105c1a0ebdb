/** Splits a list into pieces of one statement each, because databases limit the number of parameters. */
export function* chunks<T>(list: readonly T[], size = 500): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}

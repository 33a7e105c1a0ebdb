/** A part of a list, and where the next one begins. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** For `after`; undefined: there is no more. */
  readonly next: string | undefined
}

/**
 * Walks over all parts of a list, one at a time. Each is a statement of its own: no cursor stays open.
 *
 * @param read the part that comes after this place; undefined: the first one
 */
export async function* walkPages<Row>(
  read: (after: string | undefined) => Promise<Page<Row>>,
): AsyncGenerator<readonly Row[]> {
  let after: string | undefined
  do {
    const { rows, next } = await read(after)
    if (rows.length > 0) yield rows
    after = next
  } while (after !== undefined)
}

/**
 * Walks over keys in their order, a batch at a time, as `walkPages` does.
 *
 * @param read the first keys, at most `limit`, that come after this one
 */
export const walkByKey = (
  read: (after: string, limit: number) => Promise<readonly string[]>,
  limit = BATCH,
): AsyncGenerator<readonly string[]> =>
  walkPages(async (after = '') => {
    const rows = await read(after, limit)
    return { rows, next: rows.length < limit ? undefined : rows.at(-1) }
  })

/** Keys that one statement gives, and one transaction serves. */
const BATCH = 500

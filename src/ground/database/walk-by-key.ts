/** A page of a list, and where the next one begins. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** The `after` of the next page; undefined on the last page. */
  readonly next: string | undefined
}

/**
 * Walks through all pages of a list, one at a time. Each page is read by its own statement, so no cursor stays open.
 *
 * @param read reads the page after the given position, or the first page if that is undefined
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
 * Walks through keys in their order, a batch at a time, as `walkPages` does.
 *
 * @param read reads the first keys, at most `limit`, after the given one
 */
export const walkByKey = (
  read: (after: string, limit: number) => Promise<readonly string[]>,
  limit = BATCH,
): AsyncGenerator<readonly string[]> =>
  walkPages(async (after = '') => {
    const rows = await read(after, limit)
    return { rows, next: rows.length < limit ? undefined : rows.at(-1) }
  })

/** How many keys are read by one statement and processed in one transaction. */
const BATCH = 500

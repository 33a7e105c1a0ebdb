import { chunks } from '../database/chunks.ts'

/**
 * Looks texts up in tables whose character set may lack some of their letters: those of an old installation are in
 * latin1 or in UTF-8 of three octets, and a database of PostgreSQL may have been created with another encoding than
 * UTF-8. A text with a letter that a column cannot hold is in no row. But one such text makes the server refuse a whole
 * statement, or read a whole table; so texts in ASCII are asked for apart from the others.
 *
 * @param textOf the text of an item
 * @param size how many items one statement may have
 * @param find one statement
 */
export async function asFarAsStored<Item, Row>(
  items: readonly Item[],
  textOf: (item: Item) => string,
  size: number | undefined,
  find: (items: readonly Item[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const { plain = [], others = [] } = Object.groupBy(items, item =>
    ASCII.test(textOf(item)) ? 'plain' : 'others',
  )
  const found: Row[] = []
  for (const some of chunks(plain, size)) found.push(...(await find(some)))
  for (const some of chunks(others, size)) found.push(...(await findOrHalve(some, find)))
  return found
}

const ASCII = /^\p{ASCII}*$/u

/** A refused statement is divided until it is clear which texts it is refused for. */
async function findOrHalve<Item, Row>(
  items: readonly Item[],
  find: (items: readonly Item[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  try {
    return await find(items)
  } catch (error) {
    if (!lacksLetters(error)) throw error
  }
  if (items.length === 1) return []
  const half = Math.ceil(items.length / 2)
  return [...(await findOrHalve(items.slice(0, half), find)), ...(await findOrHalve(items.slice(half), find))]
}

/** Whether a database says that a text, or one that it is compared with, cannot be put into the other's character set. */
const lacksLetters = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && typeof error.code === 'string' && LACKS_LETTERS.test(error.code)) ||
    lacksLetters(error.cause))

/** The names that mysql2 gives to errors 1267, 1270, 1271, 3854 and 3988; untranslatable_character of PostgreSQL. */
const LACKS_LETTERS =
  /^(?:ER_CANT_AGGREGATE_\w*COLLATIONS|ER_CANNOT_CONVERT_STRING|ER_IMPOSSIBLE_STRING_CONVERSION|22P05)$/

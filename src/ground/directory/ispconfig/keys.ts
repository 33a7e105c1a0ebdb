import { chunks } from '../../database/chunks.ts'
import { writtenForms } from '../written-forms.ts'

/**
 * The rows of a table with any of many keys: addresses, domains, or domains after an at-sign. Those in ASCII are asked
 * for apart from the others: the tables of an old installation are in latin1 or three-octet UTF-8, and a key with a
 * letter that they cannot hold makes the server read a whole table, or refuse the statement.
 *
 * @param find one statement
 */
export async function rowsWith<Row>(
  names: readonly string[],
  find: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const keys = names.flatMap(writtenForms)
  const found: Row[] = []
  for (const some of chunks(keys.filter(key => ASCII.test(key)))) found.push(...(await find(some)))
  for (const some of chunks(keys.filter(key => !ASCII.test(key))))
    found.push(...(await rowsAsFarAsStored(some, find)))
  return found
}

const ASCII = /^\p{ASCII}*$/u

/** Leaves out keys that no row can have, because the table's character set lacks one of their letters. */
async function rowsAsFarAsStored<Row>(
  keys: readonly string[],
  find: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  for (const storable of STORABLE) {
    const some = keys.filter(key => storable.test(key))
    if (some.length === 0) return []
    try {
      return await find(some)
    } catch (error) {
      if (!isMixOfCharacterSets(error)) throw error
    }
  }
  return []
}

/** What MySQL's utf8mb4, utf8mb3 and latin1 can hold. */
const STORABLE = [/^/u, /^[\0-\uffff]*$/u, /^[\0-\xff]*$/u]

const isMixOfCharacterSets = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^ER_CANT_AGGREGATE_\w*COLLATIONS$/.test(error.code)

import type { Kysely } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import { textOf } from '../../database/text.ts'
import type { AmavisTables } from '../tables.ts'

/**
 * The ids under which amavis knows some addresses, one for each partition tag: along the unique key of `maddr`.
 *
 * @param spellings addresses as amavis may have written them; letter case counts
 * @returns at most `most` ids; undefined when there are more
 */
export async function addressIds(
  storage: Kysely<AmavisTables>,
  spellings: readonly string[],
  most: number,
): Promise<number[] | undefined> {
  const asked = [...new Set(spellings)].filter(isAskable)
  if (asked.length === 0) return []
  const tags = await addressTags(storage)
  const ids: number[] = []
  for (const chunk of chunks(asked)) {
    for (const tag of tags) {
      const rows = await storage
        .selectFrom('maddr')
        .select('id')
        .where('partition_tag', '=', tag)
        .where('email', 'in', chunk)
        .execute()
      for (const { id } of rows) ids.push(Number(id))
    }
    if (ids.length > most) return undefined
  }
  return ids
}

/** The addresses that have these ids. */
export async function addressesById(
  storage: Kysely<AmavisTables>,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for (const chunk of chunks(ids)) {
    const rows = await storage.selectFrom('maddr').select(['id', 'email']).where('id', 'in', chunk).execute()
    for (const { id, email } of rows) found.set(Number(id), textOf(email))
  }
  return found
}

/** PostgreSQL takes a backslash in a text for the beginning of an octet, and no NUL at all. */
const isAskable = (address: string): boolean => !/[\\\0]/.test(address)

/** The partition tags of `maddr`, each found by one step in its unique key. */
async function addressTags(storage: Kysely<AmavisTables>): Promise<number[]> {
  const tags: number[] = []
  for (;;) {
    const last = tags.at(-1)
    const row = await storage
      .selectFrom('maddr')
      .select(({ fn }) => fn.min('partition_tag').as('next'))
      .$if(last !== undefined, rows => rows.where('partition_tag', '>', last ?? 0))
      .executeTakeFirst()
    if (row?.next === null || row?.next === undefined) return tags
    tags.push(Number(row.next))
  }
}

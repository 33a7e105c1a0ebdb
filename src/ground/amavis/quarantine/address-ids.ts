import { type Kysely, sql } from 'kysely'
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

/** The partition tags of `maddr`, each found by one step in its key. */
async function addressTags(storage: Kysely<AmavisTables>): Promise<number[]> {
  const { rows } = await sql<{ tag: number }>`
    with recursive tags (tag) as (
      select (select min(partition_tag) from maddr)
      union all
      select (select min(partition_tag) from maddr where partition_tag > tags.tag) from tags where tags.tag is not null
    )
    select tag from tags where tag is not null`.execute(storage)
  return rows.map(({ tag }) => Number(tag))
}

import { chunks } from '../../database/chunks.ts'
import type { Database } from '../../database/database.ts'
import { textOf } from '../../database/text.ts'
import { lookedUpAs } from '../sender-form.ts'
import type { StoredEntry } from '../sender-lists.ts'
import type { LookupTables } from './lookup-tables.ts'

/** The entries of a row of `users`, by their senders. */
export async function storedEntries(
  database: Database<LookupTables>,
  rid: number,
): Promise<readonly StoredEntry[]> {
  const rows = await database.sql
    .selectFrom('wblist')
    .innerJoin('mailaddr', 'mailaddr.id', 'wblist.sid')
    .select(['mailaddr.id', 'mailaddr.email', 'wblist.wb'])
    .where('wblist.rid', '=', rid)
    .execute()
  const read = rows.map(({ id, email, wb }) => ({
    id: Number(id),
    sender: textOf(email),
    key: lookedUpAs(email),
    ...meaningOf(textOf(wb)),
  }))
  const found = await foundBy(
    database,
    read.filter(({ key, sender }) => key !== undefined && key !== sender).map(({ key }) => key ?? ''),
  )
  return read
    .map(({ id, key, ...entry }) => ({
      ...entry,
      counts: key !== undefined && (key === entry.sender || found.has(id)),
    }))
    .sort((one, other) => (one.sender < other.sender ? -1 : 1))
}

/** `white_black_list` in `Amavis::SpamControl`: whatever it does not know lets the sender through. */
function meaningOf(wb: string): Pick<StoredEntry, 'list' | 'points'> {
  const value = wb.trim()
  if (/^[BNF]$/i.test(value)) return { list: 'block' }
  if (value !== '' && !/^[+-]?\d+(?:\.\d*)?$/.test(value)) return { list: 'allow' }
  const points = Number(value)
  return { list: points > 0 ? 'block' : 'allow', points }
}

/**
 * The rows that amavisd finds by these keys although they are written otherwise: a column of characters, unlike one of
 * octets, may not distinguish case.
 */
async function foundBy(
  { sql }: Database<LookupTables>,
  keys: readonly string[],
): Promise<ReadonlySet<number>> {
  const ids = new Set<number>()
  for (const some of chunks(keys)) {
    const rows = await sql.selectFrom('mailaddr').select('id').where('email', 'in', some).execute()
    for (const { id } of rows) ids.add(Number(id))
  }
  return ids
}

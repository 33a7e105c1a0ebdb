import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** The tables and columns that have readers' addresses. Each column has an index in the order of the addresses. */
export const ADDRESS_SOURCES = {
  items: { table: 'digest_item', column: 'reader' },
  digests: { table: 'digest_digest', column: 'reader' },
  settings: { table: 'digest_preference', column: 'scope' },
} as const

export type AddressSource = (typeof ADDRESS_SOURCES)[keyof typeof ADDRESS_SOURCES]

/** The readers' addresses after a given one, in order; without the scopes of domains and of everybody. */
export function addressesAfter(
  { sql: db }: Pick<Database<StateTables>, 'sql'>,
  { table, column }: AddressSource,
  after: string,
) {
  // The type of one table serves for all, because no other column is used.
  const address = sql.ref<string>(column)
  return db
    .selectFrom(table as 'digest_item')
    .select(address.as('reader'))
    .where(address, '>', after)
    .$if(column === 'scope', query => query.where(sql<boolean>`${address} not like '@%'`))
    .orderBy(address)
}

/** Whether our tables have this reader's address. */
export async function isKnownAddress(
  { sql: db }: Pick<Database<StateTables>, 'sql'>,
  address: string,
): Promise<boolean> {
  for (const { table, column } of Object.values(ADDRESS_SOURCES)) {
    const found = await db
      .selectFrom(table as 'digest_item')
      .select(sql<number>`1`.as('found'))
      .where(sql.ref<string>(column), '=', address)
      .limit(1)
      .executeTakeFirst()
    if (found) return true
  }
  return false
}

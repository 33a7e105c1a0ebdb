import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** Where a reader may be known from: a table and its column, whose index leads along the addresses. */
export const ADDRESS_SOURCES = {
  items: { table: 'digest_item', column: 'reader' },
  digests: { table: 'digest_digest', column: 'reader' },
  settings: { table: 'digest_preference', column: 'scope' },
} as const

export type AddressSource = (typeof ADDRESS_SOURCES)[keyof typeof ADDRESS_SOURCES]

/** The readers' addresses that come after another one, in their order. Domains and everybody have settings, and are none. */
export function addressesAfter(
  { sql: db }: Pick<Database<StateTables>, 'sql'>,
  { table, column }: AddressSource,
  after: string,
) {
  // Whichever table it is: no other column of it is named.
  const address = sql.ref<string>(column)
  return db
    .selectFrom(table as 'digest_item')
    .select(address.as('reader'))
    .where(address, '>', after)
    .$if(column === 'scope', query => query.where(sql<boolean>`${address} not like '@%'`))
    .orderBy(address)
}

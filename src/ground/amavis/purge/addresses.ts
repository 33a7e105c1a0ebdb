import { type Kysely, sql } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import type { Database } from '../../database/database.ts'
import { type Octets, textOf } from '../../database/text.ts'
import { inTransaction } from '../../database/transaction.ts'
import { MINUTE, SECOND } from '../../durations.ts'
import type { AmavisTables } from '../tables.ts'

/** A row of `maddr`. */
export interface Address {
  readonly id: number
  readonly partition_tag: number
  readonly email: Octets
  readonly domain: string
}

/** The highest id of an address now; undefined when there is none. Newer ones belong to mail that is just coming in. */
export async function highestAddressId(storage: Kysely<AmavisTables>): Promise<number | undefined> {
  const row = await storage.selectFrom('maddr').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row && Number(row.id)
}

/** Some addresses in the order of their ids. */
export interface AddressPage {
  /** Those that no message names. */
  readonly unused: readonly Address[]
  /** The ids of the others. */
  readonly used: readonly number[]
  /** The last id that was looked at; undefined at the end. */
  readonly last: number | undefined
}

/** Looks at the addresses with `after` < id ≤ `highest`, along `msgs_idx_sid` and `msgrcpt_idx_rid`. */
export async function addressesAfter(
  storage: Kysely<AmavisTables>,
  after: number,
  highest: number,
  limit: number,
): Promise<AddressPage> {
  const rows = await storage
    .selectFrom('maddr')
    .select(['id', 'partition_tag', 'email', 'domain'])
    .select([asSender.as('as_sender'), asRecipient.as('as_recipient')])
    .where('id', '>', after)
    .where('id', '<=', highest)
    .orderBy('id')
    .limit(limit)
    .execute()
  const last = rows.at(-1)
  const isUsed = (row: (typeof rows)[number]) => row.as_sender !== null || row.as_recipient !== null
  return {
    unused: rows
      .filter(row => !isUsed(row))
      .map(({ id, partition_tag, email, domain }) => ({
        id: Number(id),
        partition_tag: Number(partition_tag),
        email,
        domain,
      })),
    used: rows.filter(isUsed).map(({ id }) => Number(id)),
    last: last && Number(last.id),
  }
}

// Not EXISTS: PostgreSQL would read both tables from end to end for each page.
const asSender = sql<number | null>`(select 1 from msgs where msgs.sid = maddr.id limit 1)`
const asRecipient = sql<number | null>`(select 1 from msgrcpt where msgrcpt.rid = maddr.id limit 1)`

/** Deletes addresses unless a message names them by now. @returns how many are gone */
export const deleteAddresses = (
  storage: Database<AmavisTables>,
  addresses: readonly Address[],
): Promise<number> =>
  inTransaction(storage, async transaction => {
    let deleted = 0
    for (const ids of chunks(addresses.map(({ id }) => id))) {
      const { numDeletedRows } = await transaction
        .deleteFrom('maddr')
        .where('id', 'in', ids)
        .where(sql<boolean>`${asSender} is null`)
        .where(sql<boolean>`${asRecipient} is null`)
        .executeTakeFirst()
      deleted += Number(numDeletedRows)
    }
    return deleted
  })

/**
 * Whether amavisd is still at work on messages that came before a time. It looks their addresses up when they come, and
 * names them in `msgrcpt` when it has finished, minutes later.
 *
 * @param time milliseconds since the epoch, as is `now`
 */
export async function isAtWorkOnMailBefore(
  storage: Kysely<AmavisTables>,
  time: number,
  now: number,
): Promise<boolean> {
  const row = await storage
    .selectFrom('msgs')
    .select('time_num')
    .where('time_num', '>=', Math.floor((now - LONGEST_AT_WORK) / SECOND))
    .where('time_num', '<=', Math.ceil(time / SECOND))
    .where('content', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** amavisd's `$child_timeout`, 8 minutes by default, and a margin, in milliseconds: what is older was lost. */
const LONGEST_AT_WORK = 9 * MINUTE

/**
 * Puts deleted addresses back, under their ids, that a message names after all: amavisd had looked them up just before.
 * Otherwise no digest would list the message.
 *
 * @returns `back`: how many were put back; `taken`: how many could not, because mail that came later has given the
 *   address a new id
 */
export async function putBack(
  storage: Database<AmavisTables>,
  addresses: readonly Address[],
): Promise<{ back: number; taken: number }> {
  let back = 0
  let taken = 0
  for (const chunk of chunks(addresses)) {
    const missing = await namedAndMissing(storage.sql, chunk)
    const free = await withoutNewId(storage.sql, missing)
    if (free.length > 0) await storage.sql.insertInto('maddr').values(free).execute()
    back += free.length
    taken += missing.length - free.length
  }
  return { back, taken }
}

/** Those that have no row under another id. */
async function withoutNewId(
  storage: Kysely<AmavisTables>,
  addresses: readonly Address[],
): Promise<Address[]> {
  if (addresses.length === 0) return []
  const emails = addresses.map(({ email }) => email)
  const rows = await storage
    .selectFrom('maddr')
    .select(['partition_tag', 'email'])
    .where('email', 'in', emails)
    .where('partition_tag', 'in', [...new Set(addresses.map(address => address.partition_tag))])
    .execute()
  const present = new Set(rows.map(keyOf))
  return addresses.filter(address => !present.has(keyOf(address)))
}

const keyOf = (address: { readonly partition_tag: number; readonly email: Octets }): string =>
  `${address.partition_tag}/${textOf(address.email)}`

async function namedAndMissing(
  storage: Kysely<AmavisTables>,
  addresses: readonly Address[],
): Promise<Address[]> {
  const ids = addresses.map(({ id }) => id)
  const senders = await storage
    .selectFrom('msgs')
    .select('sid as id')
    .distinct()
    .where('sid', 'in', ids)
    .execute()
  const recipients = await storage
    .selectFrom('msgrcpt')
    .select('rid as id')
    .distinct()
    .where('rid', 'in', ids)
    .execute()
  const named = new Set([...senders, ...recipients].map(({ id }) => Number(id)))
  if (named.size === 0) return []
  const present = await storage
    .selectFrom('maddr')
    .select('id')
    .where('id', 'in', [...named])
    .execute()
  for (const { id } of present) named.delete(Number(id))
  return addresses.filter(({ id }) => named.has(id))
}

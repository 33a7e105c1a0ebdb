import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { SECOND } from '../../../ground/durations.ts'
import type { Meter } from '../../../ground/metrics/meter.ts'
import { isFree } from '../../../ground/state/leases.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import { NOT_AGAIN } from './outbox.ts'

export interface ExpireDeps {
  readonly state: Database<StateTables>
  /** For how long sending a digest is tried, in milliseconds. */
  readonly giveUpDigestsAfter: number
  readonly clock: () => number
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Gives up digests that could not be sent in time, whether or not any process tried. Their messages wait for the
 * reader's next digest. A digest that was delivered once and could not be resent keeps its messages. Digests with a
 * valid lease are left to the process that has leased them.
 *
 * @returns how many were given up
 */
export async function expireDigests(deps: ExpireDeps): Promise<number> {
  let expired = 0
  while (await hasExpired(deps)) {
    const batch = await expireBatch(deps)
    for (const row of batch) {
      const { digest_id, reader, created_at, send_at } = row
      deps.meter.delivered('given-up', (deps.clock() - Number(send_at ?? created_at)) / SECOND)
      deps.log.error({ digest: digest_id, reader }, `digest given up: ${whatThen(row)}`)
    }
    expired += batch.length
    if (batch.length < BATCH) break
  }
  return expired
}

/** Looks every few seconds, and hardly ever is there one: a transaction would be three statements. */
async function hasExpired(deps: ExpireDeps): Promise<boolean> {
  return (
    (await expiredDigests(deps, deps.state.sql).select('digest_id').limit(1).executeTakeFirst()) !== undefined
  )
}

function whatThen({ resent, copy_of }: Pick<DigestTable, 'resent' | 'copy_of'>): string {
  if (resent !== null) return 'it was not sent again'
  return copy_of === null ? 'its messages wait for the next one' : 'it was a copy for somebody else'
}

const BATCH = 200

function expireBatch(deps: ExpireDeps) {
  const { state, clock } = deps
  return inTransaction(state, async transaction => {
    const rows = await state.dialect
      .lockFree(
        expiredDigests(deps, transaction)
          .select(['digest_id', 'reader', 'created_at', 'resent', 'send_at', 'copy_of'])
          .limit(BATCH),
      )
      .execute()
    const idsOf = (isResent: boolean) =>
      rows.filter(row => (row.resent !== null) === isResent).map(row => row.digest_id)
    await endResends(transaction, idsOf(true))
    await failDigests(transaction, idsOf(false), clock())
    return rows
  })
}

function expiredDigests({ giveUpDigestsAfter, clock }: ExpireDeps, sql: Kysely<StateTables>) {
  const now = clock()
  return sql
    .selectFrom('digest_digest')
    .where('state', '=', 'pending')
    .where('created_at', '<=', now - giveUpDigestsAfter)
    .where(row => row.or([row('send_at', 'is', null), row('send_at', '<=', now - giveUpDigestsAfter)]))
    .where(isFree(now))
}

const NO_LEASE = { lease_owner: null, lease_until: null } as const

async function endResends(sql: Transaction<StateTables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql
    .updateTable('digest_digest')
    .set({ state: 'sent', reply: `${NOT_AGAIN}: it could not be delivered in time`, ...NO_LEASE })
    .where('digest_id', 'in', ids)
    .execute()
}

async function failDigests(
  sql: Transaction<StateTables>,
  ids: readonly string[],
  now: number,
): Promise<void> {
  if (ids.length === 0) return
  await sql
    .updateTable('digest_digest')
    .set({ state: 'failed', finished_at: now, ...NO_LEASE })
    .where('digest_id', 'in', ids)
    .execute()
  await sql.updateTable('digest_item').set({ digest_id: null }).where('digest_id', 'in', ids).execute()
}

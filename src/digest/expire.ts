import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { inTransaction } from '../database/transaction.ts'
import type { Meter } from '../metrics/meter.ts'

export interface ExpireDeps {
  readonly state: Database<StateTables>
  /** How long a digest is tried, in milliseconds. */
  readonly giveUp: number
  readonly clock: () => number
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Ends digests that could not be sent in time, whether they were tried or nobody was there to try: what they held waits
 * for the reader's next one. A digest in somebody's living hands is left to them.
 *
 * @returns how many were given up
 */
export async function expireDigests(deps: ExpireDeps): Promise<number> {
  let expired = 0
  for (;;) {
    const some = await expireSome(deps)
    for (const { digest_id, reader, created_at } of some) {
      deps.meter.delivered('given-up', (deps.clock() - Number(created_at)) / 1000)
      deps.log.error({ digest: digest_id, reader }, 'digest given up: its messages wait for the next one')
    }
    expired += some.length
    if (some.length < BATCH) return expired
  }
}

const BATCH = 200

function expireSome({ state, giveUp, clock }: ExpireDeps) {
  const now = clock()
  return inTransaction(state, async transaction => {
    const rows = await state.dialect
      .lockFree(
        transaction
          .selectFrom('digest_digest')
          .select(['digest_id', 'reader', 'created_at'])
          .where('state', '=', 'pending')
          .where('created_at', '<=', now - giveUp)
          .where(row => row.or([row('lease_until', 'is', null), row('lease_until', '<=', now)]))
          .limit(BATCH),
      )
      .execute()
    if (rows.length === 0) return rows
    const ids = rows.map(row => row.digest_id)
    await transaction
      .updateTable('digest_digest')
      .set({ state: 'failed', finished_at: now, lease_owner: null, lease_until: null })
      .where('digest_id', 'in', ids)
      .execute()
    await transaction
      .updateTable('digest_item')
      .set({ digest_id: null })
      .where('digest_id', 'in', ids)
      .execute()
    return rows
  })
}

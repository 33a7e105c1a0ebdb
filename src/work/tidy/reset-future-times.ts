import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { MAY_HAVE_ARRIVED } from '../digest/make/send-anyway.ts'

/**
 * Makes due, and frees from leases, whatever was put off or leased while this computer's clock was far ahead. Otherwise
 * it would wait until that time comes.
 *
 * @param longest milliseconds; attempts are never put off for longer, and no lease lasts longer
 */
export async function resetFutureTimes({
  state,
  clock,
  longest,
}: {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly longest: number
}): Promise<void> {
  const now = clock()
  await state.sql
    .updateTable('digest_digest')
    .set({ next_attempt_at: now })
    .where('state', '=', 'pending')
    .where('next_attempt_at', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_digest')
    .set({ lease_owner: null, lease_until: null, firm: MAY_HAVE_ARRIVED })
    .where('state', '=', 'pending')
    .where('lease_until', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_run')
    .set({ lease_owner: null, lease_until: null })
    .where('finished_at', 'is', null)
    .where('lease_until', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_bulk')
    .set({ lease_owner: null, lease_until: null })
    .where('finished_at', 'is', null)
    .where('lease_until', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_release')
    .set({ next_attempt_at: now })
    .where('state', 'in', ['queued', 'released'])
    .where('next_attempt_at', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_request')
    .set({ next_at: now })
    .where('next_at', '>', now + longest)
    .execute()
  await state.sql
    .updateTable('digest_release')
    .set({ lease_until: now })
    .where('state', '=', 'releasing')
    .where('lease_until', '>', now + longest)
    .execute()
}

import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { changeRequest, type RequestRow } from './request-rows.ts'

/**
 * A message that was deleted has been restored, and is again what it was: its request waits again, for as long as it had
 * left. What its readers were told in between no longer holds.
 */
export const reopenRequest = (
  { state, clock }: { readonly state: Database<StateTables>; readonly clock: () => number },
  request: RequestRow,
): Promise<boolean> =>
  inTransaction(state, async sql => {
    const open = {
      state: 'waiting',
      open_held_id: request.heldId,
      decided_by: null,
      decided_at: null,
      next_at: clock(),
    }
    if (!(await changeRequest({ sql }, request, open))) return false
    await sql
      .updateTable('digest_request_reader')
      .set({ told: null })
      .where('request_id', '=', request.id)
      .execute()
    return true
  })

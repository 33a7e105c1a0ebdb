import type { Kysely } from 'kysely'
import { changeStatus } from '../../ground/amavis/quarantine/recipient-status.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { RequestRow, State } from './request-rows.ts'

/**
 * Says in `msgrcpt.rs` that nobody waits for a message any more: p becomes V, whatever it was before somebody asked, so
 * that no other program takes it for new. What others have made of it meanwhile stays.
 */
export async function takeBackPending(
  { storage, state }: { readonly storage: Kysely<AmavisTables>; readonly state: State },
  { id, mail }: Pick<RequestRow, 'id' | 'mail'>,
): Promise<void> {
  await changeStatus(storage, mail, 'p', 'V')
  await markDone(state, id)
}

/** Records that `msgrcpt.rs` no longer says p because of this request. */
export const markDone = async ({ sql }: Pick<State, 'sql'>, id: string): Promise<void> => {
  await sql.updateTable('digest_request').set({ marked: 1 }).where('request_id', '=', id).execute()
}

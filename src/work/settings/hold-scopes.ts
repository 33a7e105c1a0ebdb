import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { takeTurn } from '../../ground/state/in-turn.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/**
 * Lets nobody else change the settings of these scopes, nor any schedule, until the end of this transaction. The settings
 * are locked before the turn is taken, as every change of settings that names schedules does it: in the other order two
 * of them could wait for each other. Settings that are not there yet cannot be locked. No new ones that name a schedule
 * can come in between, because whoever writes them needs the turn.
 */
export async function holdScopes(state: Database<StateTables>, scopes: readonly string[]): Promise<void> {
  for (const some of chunks([...new Set(scopes)].sort())) {
    // A write that changes nothing: it locks the rows in every database.
    await state.sql
      .updateTable('digest_preference')
      .set(({ ref }) => ({ version: ref('version') }))
      .where('scope', 'in', some)
      .execute()
  }
  await takeTurn(state, state.sql, 'changing-schedules')
}

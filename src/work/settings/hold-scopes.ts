import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { takeTurn } from '../../ground/state/in-turn.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/**
 * Keeps others from changing the settings of these scopes, and any schedule, until the end of this transaction.
 *
 * The rows are locked before the turn is taken. Every change of settings that names schedules does it in this order, so
 * that no two of them wait for each other. A row that does not exist yet cannot be locked, but inserting one that names
 * a schedule takes the turn as well, so none appears in between.
 */
export async function holdScopes(state: Database<StateTables>, scopes: readonly string[]): Promise<void> {
  for (const chunk of chunks([...new Set(scopes)].sort())) {
    // A write that changes nothing: it locks the rows in every database.
    await state.sql
      .updateTable('digest_preference')
      .set(({ ref }) => ({ version: ref('version') }))
      .where('scope', 'in', chunk)
      .execute()
  }
  await takeTurn(state, state.sql, 'changing-schedules')
}

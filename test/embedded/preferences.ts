import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { NOW } from './clock.ts'

type PreferenceRow = StateTables['digest_preference']

/** Inserts the settings of a reader, a domain (`@example.com`) or everybody (`@`). */
export async function prefer(
  state: Database<StateTables>,
  scope: string,
  fields: Partial<PreferenceRow>,
): Promise<void> {
  const row: PreferenceRow = {
    scope,
    schedules: null,
    language: null,
    time_zone: null,
    deliver_to: null,
    paused_until: null,
    enabled: null,
    version: 1,
    locked: null,
    phrase: null,
    copy_to: null,
    leave_out_blocked: null,
    zone_since: null,
    updated_at: NOW,
    ...fields,
  }
  await state.sql.insertInto('digest_preference').values(row).execute()
}

import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'

/** Pauses a reader's digests until they are resumed. Held mail waits meanwhile; nothing is lost. */
export const pause = (state: Database<StateTables>, reader: string, now: number): Promise<void> =>
  setPausedUntil(state, reader, FOR_GOOD, now)

/** Takes a pause back, also one that the domain or everybody is under. */
export const resume = (state: Database<StateTables>, reader: string, now: number): Promise<void> =>
  setPausedUntil(state, reader, 0, now)

/** The last millisecond of the year 9999. */
const FOR_GOOD = 253_402_300_799_999

async function setPausedUntil(
  state: Database<StateTables>,
  reader: string,
  pausedUntil: number,
  now: number,
): Promise<void> {
  const insert = state.sql.insertInto('digest_preference').values({
    scope: reader,
    schedules: null,
    language: null,
    time_zone: null,
    deliver_to: null,
    paused_until: pausedUntil,
    enabled: null,
    version: 1,
    updated_at: now,
  })
  await state.dialect.insertOrUpdate(insert, ['scope'], ['paused_until', 'updated_at']).execute()
}

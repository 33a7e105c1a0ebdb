import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { Schedule } from '../../src/rules/schedule/schedule.ts'
import { writeSchedule } from '../../src/work/schedules/write-schedule.ts'
import { NOW } from './clock.ts'

/** A schedule that is due every day at six in UTC, unless `fields` say otherwise. */
export const scheduleOf = (name: string, fields: Partial<Schedule> = {}): Schedule => ({
  name,
  crons: ['0 6 * * *'],
  timeZone: 'UTC',
  isDefault: false,
  enabled: true,
  filter: undefined,
  minMessages: 1,
  sendsEmpty: false,
  spread: 0,
  isOffered: false,
  version: 1,
  updatedAt: NOW,
  ...fields,
})

/** Writes schedules into the table, replacing those with the same names. */
export async function setSchedules(
  state: Database<StateTables>,
  ...schedules: readonly Schedule[]
): Promise<void> {
  for (const schedule of schedules) await writeSchedule(state, state.sql, schedule)
}

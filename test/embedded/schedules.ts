import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { Schedule } from '../../src/rules/schedule/schedule.ts'
import { writeSchedule } from '../../src/work/schedules/write-schedule.ts'
import { NOW } from './clock.ts'

/** A schedule for every day at six, by UTC, with these differences. */
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

/** Writes schedules into the table, in place of those that are there under these names. */
export async function setSchedules(
  state: Database<StateTables>,
  ...schedules: readonly Schedule[]
): Promise<void> {
  for (const schedule of schedules) await writeSchedule(state, state.sql, schedule)
}

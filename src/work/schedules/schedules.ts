import type { Config } from '../../ground/config/schema.ts'
import type { Database } from '../../ground/database/database.ts'
import { jsonList } from '../../ground/database/json-list.ts'
import type { ScheduleTable, StateTables } from '../../ground/state/state-tables.ts'
import { type Filter, filterOf } from '../../rules/schedule/filter.ts'

export interface Schedule {
  readonly name: string
  /** Cron expressions of five fields. */
  readonly crons: readonly string[]
  /** IANA name, or `READERS_OWN`. */
  readonly timeZone: string
  readonly isDefault: boolean
  readonly enabled: boolean
  /** Which messages it carries; undefined: all. */
  readonly filter: Filter | undefined
  /** Fewer messages make no digest, unless one of them is about to expire. */
  readonly minMessages: number
  /** Whether its readers are told when nothing was held. */
  readonly sendsEmpty: boolean
  /** Milliseconds over which the mails of a run are spread. */
  readonly spread: number
  /** Whether readers may choose it themselves. */
  readonly isOffered: boolean
  /** Grows with each change: who changes it says which one was looked at. */
  readonly version: number
  /**
   * Since when these times hold, in milliseconds since the epoch: by them, nothing is due before that. It moves when
   * the expressions or the time zone change and when the schedule is switched on or off, and at no other change. What
   * was due by the earlier times and has not been made stands among the runs, unfinished.
   */
  readonly updatedAt: number
}

/** In place of a time zone: each reader's own. */
export const READERS_OWN = 'reader'

/** Writes the schedules of the configuration when the table is empty; afterwards the table is the truth. */
export async function seedSchedules(
  state: Database<StateTables>,
  seeds: Config['schedules'],
  now: number,
): Promise<void> {
  if ((await listSchedules(state)).length > 0 || seeds.length === 0) return
  const rows = seeds.map(seed => ({
    name: seed.name,
    crons: JSON.stringify(seed.cron),
    time_zone: seed.timezone,
    is_default: Number(seed.default),
    enabled: 1,
    version: 1,
    updated_at: now,
  }))
  await state.dialect.insertNew(state.sql.insertInto('digest_schedule').values(rows), ['name']).execute()
}

export async function listSchedules(state: Pick<Database<StateTables>, 'sql'>): Promise<Schedule[]> {
  const rows = await state.sql.selectFrom('digest_schedule').selectAll().orderBy('name').execute()
  return rows.map(scheduleOf)
}

/** Whether there is such a schedule, and it is on. */
export async function isScheduleOn(
  state: Pick<Database<StateTables>, 'sql'>,
  name: string,
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_schedule')
    .select('enabled')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.enabled === 1
}

const scheduleOf = (row: ScheduleTable): Schedule => ({
  name: row.name,
  crons: cronsOf(row.crons),
  timeZone: row.time_zone,
  isDefault: row.is_default === 1,
  enabled: row.enabled === 1,
  filter: filterOf(row.filters),
  minMessages: row.min_messages ?? 1,
  sendsEmpty: row.send_empty === 1,
  spread: Number(row.spread ?? 0),
  isOffered: row.offered === 1,
  version: row.version,
  updatedAt: Number(row.updated_at),
})

/** What an admin wrote into the row by hand need not be JSON; then it is read as one expression. */
function cronsOf(text: string): string[] {
  const crons = jsonList(text) ?? []
  return crons.length > 0 ? crons : [text]
}

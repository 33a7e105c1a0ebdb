import type { Config } from '../../ground/config/schema.ts'
import type { Database } from '../../ground/database/database.ts'
import { jsonList } from '../../ground/database/json-list.ts'
import type { ScheduleTable, StateTables } from '../../ground/state/state-tables.ts'
import { filterOf } from '../../rules/schedule/filter.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'

/** Copies the schedules of the configuration into the table when it is empty. From then on, only the table counts. */
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

/** Whether the schedule exists and is switched on. */
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

/** An admin may have written something other than JSON directly into the row; it is read as one expression then. */
function cronsOf(text: string): string[] {
  const crons = jsonList(text) ?? []
  return crons.length > 0 ? crons : [text]
}

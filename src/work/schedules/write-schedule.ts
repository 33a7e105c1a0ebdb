import type { Kysely } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'

/**
 * Takes the default away from these schedules. Their versions change, so that an admin who is editing one of them gets
 * a conflict.
 *
 * @returns those that were the default
 */
export async function endOtherDefaults(
  sql: Kysely<StateTables>,
  others: readonly Schedule[],
): Promise<Schedule[]> {
  const defaults = others.filter(schedule => schedule.isDefault)
  const names = defaults.map(schedule => schedule.name)
  if (names.length === 0) return []
  await sql
    .updateTable('digest_schedule')
    .set(update => ({ is_default: 0, version: update('version', '+', 1) }))
    .where('name', 'in', names)
    .execute()
  return defaults
}

/** Inserts or updates a schedule. */
export async function writeSchedule(
  state: Database<StateTables>,
  sql: Kysely<StateTables>,
  schedule: Schedule,
): Promise<void> {
  const { name, ...columns } = rowOf(schedule)
  const insert = sql.insertInto('digest_schedule').values({ name, ...columns })
  const all = Object.keys(columns) as (keyof typeof columns)[]
  await state.dialect.insertOrUpdate(insert, ['name'], all).execute()
}

const rowOf = (schedule: Schedule): StateTables['digest_schedule'] => ({
  name: schedule.name,
  crons: JSON.stringify(schedule.crons),
  time_zone: schedule.timeZone,
  is_default: Number(schedule.isDefault),
  enabled: Number(schedule.enabled),
  version: schedule.version,
  updated_at: schedule.updatedAt,
  filters: schedule.filter === undefined ? null : JSON.stringify(schedule.filter),
  min_messages: schedule.minMessages,
  send_empty: Number(schedule.sendsEmpty),
  spread: schedule.spread,
  offered: Number(schedule.isOffered),
})

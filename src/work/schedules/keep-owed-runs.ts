import type { Kysely } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { newId } from '../../ground/state/id.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type DueRun, missedRuns, UnreadableSchedule } from '../../rules/schedule/missed-runs.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import { isReadersOwn } from '../../rules/schedule/schedule.ts'
import { countLastDue } from '../../rules/time/last-due.ts'
import { zonesText } from './run-zones.ts'
import { zonesInUse } from './zones-in-use.ts'

/**
 * Before a schedule's times change: writes down the runs that were due by the old ones, as begun by nobody, unless they
 * are there already. The new times say nothing about them, and the mail that they carry is not to wait for those.
 *
 * @param sql the transaction that changes the schedule
 * @param standardZone of the readers for whom nobody has set one
 */
export async function keepOwedRuns(
  { state, sql, standardZone }: OwedRunsDeps,
  schedule: Schedule,
  now: number,
): Promise<void> {
  if (!schedule.enabled) return
  const zones = isReadersOwn(schedule) ? (await zonesInUse({ ...state, sql }, standardZone)).zones : []
  const runs = await missedRuns(schedule, zones, countLastDue, now).catch(noneIfUnreadable)
  if (runs.length === 0) return
  const insert = sql.insertInto('digest_run').values(runs.map(run => rowOf(run, now)))
  await state.dialect.insertNew(insert, ['schedule', 'due_at']).execute()
}

/** What an earlier schedule of this name left undone is not for a new one to make up. */
export async function endUnfinishedRuns(sql: Kysely<StateTables>, name: string): Promise<void> {
  await sql
    .updateTable('digest_run')
    .set(({ ref }) => ({ finished_at: ref('started_at'), lease_owner: null, lease_until: null }))
    .where('schedule', '=', name)
    .where('finished_at', 'is', null)
    .execute()
}

export interface OwedRunsDeps {
  readonly state: Database<StateTables>
  readonly sql: Kysely<StateTables>
  readonly standardZone: string
}

function noneIfUnreadable(error: unknown): DueRun[] {
  if (error instanceof UnreadableSchedule) return []
  throw error
}

const rowOf = ({ schedule, dueAt, timeZones }: DueRun, now: number) => ({
  run_id: newId(now),
  schedule,
  due_at: dueAt,
  // If a later run takes its mail, it counts as made then: see `claimRun`.
  started_at: dueAt,
  finished_at: null,
  lease_owner: null,
  lease_until: null,
  time_zones: zonesText(timeZones),
})

import type { Kysely } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { newId } from '../../ground/state/id.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type DueRun, missedRuns, UnreadableSchedule } from '../../rules/schedule/missed-runs.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import { isReadersOwn } from '../../rules/schedule/schedule.ts'
import { calculateLastDue } from '../../rules/time/last-due.ts'
import { zonesText } from './run-zones.ts'
import { zonesInUse } from './zones-in-use.ts'

/**
 * Records the runs that are due by a schedule's old times, before these change, as runs that nobody has begun.
 * Otherwise their mail would wait for the new times. Runs that are recorded already are left alone.
 */
export async function keepOwedRuns(
  { state, sql, standardZone }: OwedRunsDeps,
  schedule: Schedule,
  now: number,
): Promise<void> {
  if (!schedule.enabled) return
  const zones = isReadersOwn(schedule) ? (await zonesInUse({ ...state, sql }, standardZone)).zones : []
  const runs = await missedRuns(schedule, zones, calculateLastDue, now).catch(noneIfUnreadable)
  if (runs.length === 0) return
  const insert = sql.insertInto('digest_run').values(runs.map(run => rowOf(run, now)))
  await state.dialect.insertNew(insert, ['schedule', 'due_at']).execute()
}

/** Ends the unfinished runs of an earlier schedule of this name: a new one does not make them up. */
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
  /** The transaction that changes the schedule. */
  readonly sql: Kysely<StateTables>
  /** The time zone of readers for whom none is set. */
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
  // If a later run takes its mail, `claimRun` marks this one as finished at this time.
  started_at: dueAt,
  finished_at: null,
  lease_owner: null,
  lease_until: null,
  time_zones: zonesText(timeZones),
})

import type { Database } from '../../../ground/database/database.ts'
import { newId } from '../../../ground/state/id.ts'
import { isFree } from '../../../ground/state/leases.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { LONGEST_DAY } from '../../../rules/time/local-time.ts'
import { zonesText } from '../../schedules/run-zones.ts'

/** The process that makes a run, and until when the run is its own unless it renews the lease. */
export interface RunLease {
  readonly owner: string
  readonly until: number
}

/**
 * Leases a run to this process. A scheduled run is one row, `(schedule, due_at)`. One process gets it, and another one
 * when that lease has run out. A run without a schedule, which somebody asked for, is always a new one.
 *
 * This run takes whatever older runs of its schedule left undone, so those are marked as finished. A run for some time
 * zones leaves the runs of the same day alone: they are for other time zones.
 *
 * @returns its id; undefined when it is finished, or leased to another process
 */
export async function claimRun(
  state: Database<StateTables>,
  run: {
    readonly schedule: string | undefined
    readonly dueAt: number
    readonly timeZones?: readonly string[] | undefined
  },
  lease: RunLease,
  now: number,
): Promise<string | undefined> {
  const { schedule = null, dueAt } = run
  const row = {
    run_id: newId(now),
    schedule,
    due_at: dueAt,
    started_at: now,
    finished_at: null,
    lease_owner: lease.owner,
    lease_until: lease.until,
    time_zones: zonesText(run.timeZones),
  }
  const insert = state.sql.insertInto('digest_run').values(row)
  if (schedule === null) {
    await insert.execute()
    return row.run_id
  }
  await state.dialect.insertNew(insert, ['schedule', 'due_at']).execute()
  const { run_id: runId } = await state.sql
    .selectFrom('digest_run')
    .select('run_id')
    .where('schedule', '=', schedule)
    .where('due_at', '=', dueAt)
    .executeTakeFirstOrThrow()
  if (runId !== row.run_id && !(await takeOver(state, runId, lease, now))) return undefined
  await endSuperseded(state, schedule, run.timeZones ? dueAt - LONGEST_DAY : dueAt, now)
  return runId
}

/** Renews the lease of a run. @returns false when another process has taken the run over */
export async function renewRun(
  state: Database<StateTables>,
  runId: string,
  lease: RunLease,
): Promise<boolean> {
  return setOwn(state, runId, lease.owner, { lease_until: lease.until })
}

/** Records that a run is finished. @returns false when another process has taken it over, and will record it */
export async function finishRun(
  state: Database<StateTables>,
  runId: string,
  owner: string,
  now: number,
): Promise<boolean> {
  return setOwn(state, runId, owner, { finished_at: now, lease_owner: null, lease_until: null })
}

/** Gives a run back unfinished, so that another process may continue it at once. */
export async function returnRun(state: Database<StateTables>, runId: string, owner: string): Promise<void> {
  await setOwn(state, runId, owner, { lease_owner: null, lease_until: null })
}

async function takeOver(
  state: Database<StateTables>,
  runId: string,
  lease: RunLease,
  now: number,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_run')
    .set({ lease_owner: lease.owner, lease_until: lease.until })
    .where('run_id', '=', runId)
    .where('finished_at', 'is', null)
    .where(isFree(now))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

async function endSuperseded(
  state: Database<StateTables>,
  schedule: string,
  before: number,
  now: number,
): Promise<void> {
  await state.sql
    .updateTable('digest_run')
    // Finished at their start, so that monitoring does not take them for the last run that was completed.
    .set(({ ref }) => ({ finished_at: ref('started_at'), lease_owner: null, lease_until: null }))
    .where('schedule', '=', schedule)
    .where('due_at', '<', before)
    .where('finished_at', 'is', null)
    .where(isFree(now))
    .execute()
}

async function setOwn(
  state: Database<StateTables>,
  runId: string,
  owner: string,
  change: Partial<StateTables['digest_run']>,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_run')
    .set(change)
    .where('run_id', '=', runId)
    .where('finished_at', 'is', null)
    .where('lease_owner', '=', owner)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

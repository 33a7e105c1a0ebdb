import type { Database } from '../../../ground/database/database.ts'
import { newId } from '../../../ground/state/id.ts'
import { isFree } from '../../../ground/state/leases.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { LONGEST_DAY } from '../../../rules/time/local-time.ts'
import { zonesText } from '../../schedules/run-zones.ts'

/** Whose a run is, and until when without another word from its owner. */
export interface RunLease {
  readonly owner: string
  readonly until: number
}

/**
 * Takes a run into this process's hands. A scheduled run is one row, `(schedule, due_at)`: it goes to one process,
 * and to the next one when that one's lease has run out. A run by hand (no schedule) is always a new one.
 *
 * What older runs of the schedule left undone is in this one, so they are over. One for some time zones leaves those of
 * the same day to the others.
 *
 * @returns its id; undefined when it is finished, or in a living process's hands
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

/** Keeps a run for a while longer. @returns false when it is another process's by now */
export async function renewRun(
  state: Database<StateTables>,
  runId: string,
  lease: RunLease,
): Promise<boolean> {
  return setOwn(state, runId, lease.owner, { lease_until: lease.until })
}

/** Says that a run is done. @returns false when it is another process's by now: then that one will say so */
export async function finishRun(
  state: Database<StateTables>,
  runId: string,
  owner: string,
  now: number,
): Promise<boolean> {
  return setOwn(state, runId, owner, { finished_at: now, lease_owner: null, lease_until: null })
}

/** Gives a run back unfinished: another process may go on at once. */
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
    // Whoever watches for the last run that came to its end must not take these for one.
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

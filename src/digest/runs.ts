import type { Database } from '../database/database.ts'
import { newId } from '../database/id.ts'
import type { StateTables } from '../database/state-tables.ts'

/**
 * Opens a run and returns its id. A scheduled run is one row, `(schedule, due_at)`, however many processes open it and
 * however often: they share it. A run by hand is always a new one.
 */
export async function beginRun(
  state: Database<StateTables>,
  run: {
    readonly schedule: string | undefined
    readonly readers: readonly string[] | undefined
    readonly dueAt: number
  },
  now: number,
): Promise<string> {
  const byHand = run.schedule === undefined || run.readers !== undefined
  const row = {
    run_id: newId(now),
    schedule: byHand ? null : (run.schedule ?? null),
    due_at: run.dueAt,
    started_at: now,
    finished_at: null,
    lease_owner: null,
    lease_until: null,
  }
  await state.dialect
    .insertNew(state.sql.insertInto('digest_run').values(row), ['schedule', 'due_at'])
    .execute()
  if (row.schedule === null) return row.run_id
  const shared = await state.sql
    .selectFrom('digest_run')
    .select('run_id')
    .where('schedule', '=', row.schedule)
    .where('due_at', '=', row.due_at)
    .executeTakeFirstOrThrow()
  return shared.run_id
}

export async function finishRun(state: Database<StateTables>, runId: string, now: number): Promise<void> {
  await state.sql.updateTable('digest_run').set({ finished_at: now }).where('run_id', '=', runId).execute()
}

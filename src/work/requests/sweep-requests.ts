import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { RequestTable, StateTables } from '../../ground/state/state-tables.ts'
import { type AdoptDeps, adoptPending } from './adopt-pending.ts'
import { type FinishDeps, finishRequests } from './finish-requests.ts'
import { type RequestRow, withReaders } from './request-rows.ts'
import { settleWaiting } from './settle-waiting.ts'
import { type TellAdminsDeps, tellAdmins } from './tell-admins.ts'

export type SweepRequestsDeps = FinishDeps & TellAdminsDeps & AdoptDeps

/**
 * Does what is due for requests: compares those that wait with amavis's tables, finishes and tells of those that have
 * ended, writes to the admins about those that wait, and finds what another program has asked for. A step that fails
 * does not hold up the others. Any number of processes may do so at once.
 *
 * @throws the error of the first step that failed
 */
export async function sweepRequests(deps: SweepRequestsDeps, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = []
  const steps = [
    () => adoptPending(deps, signal),
    async () => settleWaiting(deps, await dueRequests(deps, '=')),
    async () => finishRequests(deps, await dueRequests(deps, '!=')),
    () => tellAdmins(deps),
  ]
  for (const step of steps) {
    if (signal.aborted) break
    await step().catch((error: unknown) => void failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

/** Those that are due, longest first. @param waits `=`: those that wait */
async function dueRequests({ state, clock }: SweepRequestsDeps, waits: '=' | '!='): Promise<RequestRow[]> {
  const rows = await dueRows(state.sql.selectFrom('digest_request'), waits, clock()).execute()
  return withReaders(state, rows)
}

const dueRows = (
  requests: SelectQueryBuilder<StateTables, 'digest_request', object>,
  waits: '=' | '!=',
  now: number,
): SelectQueryBuilder<StateTables, 'digest_request', Selectable<RequestTable>> =>
  requests
    .selectAll()
    .where('next_at', '<=', now)
    .where('state', waits, 'waiting')
    .orderBy('next_at')
    .limit(BATCH)

/** The next sweep takes the others. */
const BATCH = 200

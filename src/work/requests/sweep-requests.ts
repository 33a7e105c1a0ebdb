import { type AdoptDeps, adoptPending } from './adopt-pending.ts'
import { type FinishDeps, finishRequests } from './finish-requests.ts'
import { type RequestRow, type State, withReaders } from './request-rows.ts'
import { settleWaiting } from './settle-waiting.ts'
import { type TellAdminsDeps, tellAdmins } from './tell-admins.ts'

export type SweepRequestsDeps = FinishDeps & TellAdminsDeps & AdoptDeps

/**
 * Does what is due for requests: compares those that wait with amavis's tables, finishes and tells of those that have
 * ended, writes to the admins about those that wait, and finds what another program has asked for. A step that fails
 * does not hold up the others. Any number of processes may do so at once.
 *
 * @returns whether one was due
 * @throws the error of the first step that failed
 */
export async function sweepRequests(deps: SweepRequestsDeps, signal: AbortSignal): Promise<boolean> {
  let wasDue = false
  const failures: unknown[] = []
  const lookAtDueOnes = async () => {
    wasDue = await lookAtDue(deps)
  }
  const steps = [() => adoptPending(deps, signal), lookAtDueOnes, () => tellAdmins(deps)]
  for (const step of steps) {
    if (signal.aborted) break
    await step().catch((error: unknown) => void failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
  return wasDue
}

/** Ends, releases, marks and tells. @returns whether there was one */
async function lookAtDue(deps: SweepRequestsDeps): Promise<boolean> {
  const requests = await dueRequests(deps.state, deps.clock())
  const isWaiting = ({ state }: RequestRow) => state === 'waiting'
  await settleWaiting(deps, requests.filter(isWaiting))
  await finishRequests(
    deps,
    requests.filter(request => !isWaiting(request)),
  )
  return requests.length > 0
}

/** Those that have been due the longest. */
export async function dueRequests(state: State, now: number): Promise<RequestRow[]> {
  const rows = await state.sql
    .selectFrom('digest_request')
    .selectAll()
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .limit(BATCH)
    .execute()
  return withReaders(state, rows)
}

/** The next sweep takes the others. */
const BATCH = 200

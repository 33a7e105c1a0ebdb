import { readAhead } from '../../../ground/concurrency/read-ahead.ts'
import { type CollectDeps, collect } from '../../collect/collect.ts'
import { type PlaceAnewDeps, placeAnew } from '../../collect/place-anew.ts'
import { isScheduleOn } from '../../schedules/schedules.ts'
import { type CompileDeps, type Compiled, claim, type Prepared, prepare } from './compile.ts'
import { writeEmptyDigests } from './empty-digests.ts'
import { pendingReaders } from './pending-readers.ts'
import {
  type BatchDeps,
  knownBatches,
  type Plan,
  readPlan,
  type Selection,
  waitingBatches,
} from './run-batches.ts'
import { claimRun, finishRun, type RunLease, renewRun, returnRun } from './runs.ts'

export interface RunDeps extends CollectDeps, PlaceAnewDeps, CompileDeps, BatchDeps {
  /** The name of this process in leases. */
  readonly owner: string
  /** Milliseconds after which another process may continue the run of a process that died. */
  readonly lease: number
}

export interface RunRequest extends Selection {
  /** When it was due, in milliseconds since the epoch. */
  readonly dueAt: number
  /** Made because it was due, not because somebody asked: its mails are spread as the schedule says. */
  readonly byClock?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with the id of the run before its digests are made. */
  readonly onBegin?: ((runId: string) => void) | undefined
}

/** What this process made in a run. */
export interface RunResult extends Compiled {
  /** Another process is making the run, or has finished it. */
  readonly elsewhere?: true
  /** Its schedule was switched off or removed. The rest is made if the schedule is switched on again in time. */
  readonly off?: true
}

/**
 * Makes the digests that are due. It collects once more, and places waiting items anew if that is due. Then it claims
 * the pending items of each of the run's readers: all of them, or those that the schedule carries. The digests are
 * delivered separately. Only one process makes a scheduled run, however many try. A run that broke off is continued
 * where it stopped, because the items that it had claimed are no longer pending.
 *
 * @throws CodedError RUN_OVERTAKEN when other processes take the same items again and again
 */
export async function run(deps: RunDeps, request: RunRequest): Promise<RunResult> {
  await collect(deps, deps.clock())
  await placeAnew(deps, request.signal)
  // Somebody asked for the digests of these readers. If none of them has pending items, no run is recorded.
  if (request.readers && (await pendingReaders(deps.state, request.readers).next()).done) return NOTHING
  const runId = await claimRun(deps.state, identityOf(request), leaseOf(deps), deps.clock())
  if (runId === undefined) return { ...NOTHING, elsewhere: true }
  request.onBegin?.(runId)
  try {
    return await make(deps, request, runId)
  } catch (error) {
    // If the database cannot be reached either, the lease has to run out.
    await returnRun(deps.state, runId, deps.owner).catch(() => undefined)
    throw error
  }
}

/** A run for some readers only is not the schedule's run. */
const identityOf = ({ schedule, readers, dueAt, timeZones }: RunRequest) => ({
  schedule: readers === undefined ? schedule : undefined,
  dueAt,
  timeZones,
})

const leaseOf = ({ owner, lease, clock }: RunDeps): RunLease => ({ owner, until: clock() + lease })

async function make(deps: RunDeps, request: RunRequest, runId: string): Promise<RunResult> {
  let made = NOTHING
  let renewedAt = deps.clock()
  for await (const step of steps(deps, request, runId)) {
    if (request.signal?.aborted) {
      await returnRun(deps.state, runId, deps.owner)
      return made
    }
    if (deps.clock() - renewedAt >= deps.lease / 3) {
      renewedAt = deps.clock()
      if (!(await renewRun(deps.state, runId, leaseOf(deps)))) return { ...made, elsewhere: true }
    }
    if (await isOff(deps, request)) {
      await returnRun(deps.state, runId, deps.owner)
      return { ...made, off: true }
    }
    made = sum(made, await step())
  }
  const isOurs = await finishRun(deps.state, runId, deps.owner, deps.clock())
  return isOurs ? made : { ...made, elsewhere: true }
}

/** All due runs are found at once, and each takes a while: an admin may have switched a schedule off meanwhile. */
const isOff = async ({ state }: RunDeps, { byClock, schedule }: RunRequest): Promise<boolean> =>
  byClock === true && schedule !== undefined && !(await isScheduleOn(state, schedule))

const NOTHING: Compiled = { digests: 0, items: 0 }

/** A run's work, a batch of readers at a time: first the pending items, then the empty digests. */
async function* steps(
  deps: RunDeps,
  request: RunRequest,
  runId: string,
): AsyncGenerator<() => Promise<Compiled>> {
  const plan = await readPlan(deps, request)
  const { terms } = plan
  for await (const batch of readAhead(preparedBatches(deps, plan))) {
    yield () => claim(deps, runId, batch, deps.clock(), terms)
  }
  if (!plan.tellsWhenEmpty) return
  const empty = { runId, dueAt: request.dueAt, spread: terms.spread }
  for await (const batch of knownBatches(deps, plan)) {
    yield async () => ({ digests: await writeEmptyDigests(deps, empty, batch, deps.clock()), items: 0 })
  }
}

/** The next batch is read while the digests of one are being written: otherwise one of both waits for the other. */
async function* preparedBatches(deps: RunDeps, plan: Plan): AsyncGenerator<Prepared> {
  for await (const batch of waitingBatches(deps, plan))
    yield await prepare(deps, batch, deps.clock(), plan.terms)
}

const sum = (a: Compiled, b: Compiled): Compiled => ({
  digests: a.digests + b.digests,
  items: a.items + b.items,
})

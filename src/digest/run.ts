import { type CollectDeps, collect } from '../collect/collect.ts'
import { schedulesOf } from '../preferences/held-by.ts'
import { type ReaderSettings, type StandardSettings, settingsOf } from '../preferences/settings.ts'
import type { Schedule } from '../schedule/schedules.ts'
import { type CompileDeps, type Compiled, compile, countCompilable } from './compile.ts'
import { pendingReaders } from './pending-readers.ts'
import { claimRun, finishRun, type RunLease, renewRun, returnRun } from './runs.ts'

export interface RunDeps extends CollectDeps, CompileDeps {
  readonly standard: StandardSettings
  /** As they are now. */
  readonly schedules: () => Promise<readonly Schedule[]>
  readonly clock: () => number
  /** This process. */
  readonly owner: string
  /** After so many milliseconds the run of a process that died is free again. */
  readonly lease: number
}

export interface RunRequest {
  /** Only the readers of this schedule; undefined means everybody. */
  readonly schedule: string | undefined
  /** Only these readers. */
  readonly readers: readonly string[] | undefined
  /** A reader who asks for a digest gets one, paused or not. */
  readonly evenPaused?: boolean | undefined
  /** When it was due, in milliseconds since the epoch. */
  readonly dueAt: number
  /** Only readers of these time zones: of a schedule that goes by each reader's own. */
  readonly timeZones?: readonly string[] | undefined
  /** Made because it was due, not by hand: its mails are spread as the schedule says. */
  readonly byClock?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** What this process made of a run. */
export interface Made extends Compiled {
  /** Another process has the run in hand, or has finished it. */
  readonly elsewhere?: true
}

/**
 * Makes the digests that are due: collects once more, then claims all that waits for each of the run's readers. What
 * it writes is delivered separately. Of any number of processes one makes a scheduled run; one that broke off is made
 * again from where it was: whatever it had claimed is not pending any more.
 */
export async function run(deps: RunDeps, request: RunRequest): Promise<Made> {
  await collect(deps, deps.clock())
  const runId = await claimRun(deps.state, identityOf(request), leaseOf(deps), deps.clock())
  if (runId === undefined) return { ...NOTHING, elsewhere: true }
  try {
    return await make(deps, request, runId)
  } catch (error) {
    // Without a word to the database, the lease has to run out.
    await returnRun(deps.state, runId, deps.owner).catch(() => undefined)
    throw error
  }
}

/** What `run` would make now. Collects, and changes nothing else. */
export async function rehearse(deps: RunDeps, request: RunRequest): Promise<Compiled> {
  await collect(deps, deps.clock())
  let made = NOTHING
  for await (const batch of dueBatches(deps, request)) {
    made = sum(made, await countCompilable(deps, [...batch.keys()], deps.clock()))
  }
  return made
}

/** A run for some readers only is not the schedule's run. */
const identityOf = ({ schedule, readers, dueAt, timeZones }: RunRequest) => ({
  schedule: readers === undefined ? schedule : undefined,
  dueAt,
  timeZones,
})

const leaseOf = ({ owner, lease, clock }: RunDeps): RunLease => ({ owner, until: clock() + lease })

async function make(deps: RunDeps, request: RunRequest, runId: string): Promise<Made> {
  let made = NOTHING
  let renewedAt = deps.clock()
  for await (const batch of dueBatches(deps, request)) {
    if (request.signal?.aborted) {
      await returnRun(deps.state, runId, deps.owner)
      return made
    }
    if (deps.clock() - renewedAt >= deps.lease / 3) {
      renewedAt = deps.clock()
      if (!(await renewRun(deps.state, runId, leaseOf(deps)))) return { ...made, elsewhere: true }
    }
    made = sum(made, await compile(deps, runId, batch, deps.clock()))
  }
  const isOurs = await finishRun(deps.state, runId, deps.owner, deps.clock())
  return isOurs ? made : { ...made, elsewhere: true }
}

const NOTHING: Compiled = { digests: 0, items: 0 }

/** The run's readers who have something waiting, with their settings. */
async function* dueBatches(
  deps: RunDeps,
  request: RunRequest,
): AsyncGenerator<ReadonlyMap<string, ReaderSettings>> {
  const schedules = await deps.schedules()
  for await (const readers of pendingReaders(deps.state, request.readers)) {
    const settings = await settingsOf(deps.state, readers, deps.standard)
    const now = deps.clock()
    yield new Map([...settings].filter(([, of]) => isDue(of, request, schedules, now)))
  }
}

function isDue(
  settings: ReaderSettings,
  { schedule, timeZones, evenPaused }: RunRequest,
  schedules: readonly Schedule[],
  now: number,
): boolean {
  if (!settings.enabled || (!evenPaused && (settings.pausedUntil ?? 0) > now)) return false
  if (timeZones && !timeZones.includes(settings.timeZone)) return false
  return schedule === undefined || schedulesOf(settings, schedules).some(({ name }) => name === schedule)
}

const sum = (a: Compiled, b: Compiled): Compiled => ({
  digests: a.digests + b.digests,
  items: a.items + b.items,
})

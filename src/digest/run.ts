import { type CollectDeps, collect } from '../collect/collect.ts'
import { type ReaderSettings, type StandardSettings, settingsOf } from '../preferences/settings.ts'
import { type CompileDeps, type Compiled, compile, countCompilable } from './compile.ts'
import { pendingReaders } from './pending-readers.ts'
import { beginRun, finishRun } from './runs.ts'

export interface RunDeps extends CollectDeps, CompileDeps {
  readonly standard: StandardSettings
  /** The schedule of readers who have none of their own. */
  readonly defaultSchedule: () => Promise<string | undefined>
  readonly clock: () => number
}

export interface RunRequest {
  /** Only the readers of this schedule; undefined means everybody. */
  readonly schedule: string | undefined
  /** Only these readers. */
  readonly readers: readonly string[] | undefined
  /** When it was due, in milliseconds since the epoch. */
  readonly dueAt: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes the digests that are due: collects once more, then claims all that waits for each of the run's readers. What
 * it writes is delivered separately. A run that broke off is made again from where it was: whatever it had claimed is
 * not pending any more.
 */
export async function run(deps: RunDeps, request: RunRequest): Promise<Compiled> {
  await collect(deps, deps.clock())
  const runId = await beginRun(deps.state, request, deps.clock())
  let made: Compiled = { digests: 0, items: 0 }
  for await (const batch of dueBatches(deps, request)) {
    if (request.signal?.aborted) return made
    made = sum(made, await compile(deps, runId, batch, deps.clock()))
  }
  await finishRun(deps.state, runId, deps.clock())
  return made
}

/** What `run` would make now. Collects, and changes nothing else. */
export async function rehearse(deps: RunDeps, request: RunRequest): Promise<Compiled> {
  await collect(deps, deps.clock())
  let made: Compiled = { digests: 0, items: 0 }
  for await (const batch of dueBatches(deps, request)) {
    made = sum(made, await countCompilable(deps, [...batch.keys()], deps.clock()))
  }
  return made
}

/** The run's readers who have something waiting, with their settings. */
async function* dueBatches(
  deps: RunDeps,
  request: RunRequest,
): AsyncGenerator<ReadonlyMap<string, ReaderSettings>> {
  const defaultSchedule = await deps.defaultSchedule()
  for await (const readers of pendingReaders(deps.state, request.readers)) {
    const settings = await settingsOf(deps.state, readers, deps.standard)
    const now = deps.clock()
    yield new Map([...settings].filter(([, of]) => isDue(of, request.schedule, defaultSchedule, now)))
  }
}

function isDue(
  settings: ReaderSettings,
  schedule: string | undefined,
  defaultSchedule: string | undefined,
  now: number,
): boolean {
  if (!settings.enabled || (settings.pausedUntil ?? 0) > now) return false
  if (schedule === undefined) return true
  const own = settings.schedules ?? (defaultSchedule === undefined ? [] : [defaultSchedule])
  return own.includes(schedule)
}

const sum = (a: Compiled, b: Compiled): Compiled => ({
  digests: a.digests + b.digests,
  items: a.items + b.items,
})

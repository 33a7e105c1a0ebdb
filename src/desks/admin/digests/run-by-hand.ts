import { recordAudits } from '../../../ground/audit/record.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Editor, requireAll, requireReach } from '../../../rules/reach/reach.ts'
import type { Compiled, PlannedDigest } from '../../../work/digest/make/compile.ts'
import { rehearse } from '../../../work/digest/make/rehearse.ts'
import { type RunDeps, type RunResult, run } from '../../../work/digest/make/run.ts'
import { askForDigests, makeDigestsDue } from '../../../work/digest/send/outbox.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import { schedulesWithin } from '../schedules/schedules-within.ts'

/** For whom digests are wanted now. */
export interface WantedRun {
  /** Only the readers of this schedule; undefined means everybody. */
  readonly schedule: string | undefined
  /** Only these readers, in the form in which readers are compared; undefined: all. */
  readonly readers: readonly string[] | undefined
}

export interface Rehearsed extends Compiled {
  /** The first of them. */
  readonly list: readonly PlannedDigest[]
}

/**
 * Makes digests now, because an admin asks for them; delivering them is another step. What waits for another attempt
 * becomes due at once, too, unless it is the run of a schedule: that waits with the others.
 *
 * @throws CodedError OUT_OF_REACH, SCHEDULE_UNKNOWN
 */
export async function runByHand(
  deps: RunDeps,
  by: Editor,
  wanted: WantedRun,
  signal?: AbortSignal,
): Promise<RunResult> {
  await requireAllowed(deps, by, wanted)
  const { schedule, readers } = wanted
  const isOfNoSchedule = schedule === undefined
  // First: what another process withholds before it is asked for waits by then, and is in the digest that is made.
  if (isOfNoSchedule) await askForDigests(deps.state, await whoGetsDigests(deps, readers ?? []), deps.clock())
  const made = await run(deps, { schedule, readers, dueAt: deps.clock(), signal })
  if (isOfNoSchedule) await makeDigestsDue(deps.state, readers, deps.clock())
  await audit(deps, by, wanted, made)
  return made
}

/**
 * What `runByHand` would make. Collects, and changes nothing else.
 *
 * @param most of the digests are listed
 * @throws CodedError OUT_OF_REACH, SCHEDULE_UNKNOWN
 */
export async function rehearseByHand(
  deps: RunDeps,
  by: Editor,
  wanted: WantedRun,
  most: number,
): Promise<Rehearsed> {
  await requireAllowed(deps, by, wanted)
  const list: PlannedDigest[] = []
  const compiled = await rehearse(deps, { ...wanted, dueAt: deps.clock() }, digest => {
    if (list.length < most) list.push(digest)
  })
  return { ...compiled, list }
}

/** Of named readers: what is on its way to them goes though the schedule that made it is off by now. */
async function whoGetsDigests(deps: RunDeps, readers: readonly string[]): Promise<string[]> {
  const serving: string[] = []
  for (const some of chunks(readers)) {
    for (const [reader, { enabled, pausedUntil = 0 }] of await settingsOf(deps.state, some, deps.standard))
      if (enabled && pausedUntil <= deps.clock()) serving.push(reader)
  }
  return serving
}

/** Named readers have a row each: whoever looks after them finds it there, and does not see what the others got. */
async function audit(deps: RunDeps, { actor }: Editor, { schedule, readers }: WantedRun, made: RunResult) {
  const everybody = schedule === undefined ? 'all readers' : `the readers of ${schedule}`
  const [recipient, ...others] = new Set(readers)
  const whose = others.length > 0 ? `${others.length + 1} readers` : recipient ? 'one reader' : everybody
  const entry = { actor, action: 'run', outcome: 'made' } as const
  const total = { ...entry, detail: `${made.digests} digests of ${made.items} messages for ${whose}` }
  const entries =
    recipient !== undefined && others.length > 0
      ? [total, ...[recipient, ...others].map(one => ({ ...entry, recipient: one }))]
      : [{ ...total, ...(recipient === undefined ? {} : { recipient }) }]
  for (const some of chunks(entries)) await recordAudits(deps.state, some, deps.clock())
}

async function requireAllowed(
  deps: RunDeps,
  { reach }: Editor,
  { schedule, readers }: WantedRun,
): Promise<void> {
  if (readers === undefined) requireAll(reach)
  for (const reader of readers ?? []) requireReach(reach, reader)
  if (schedule === undefined) return
  const names = (await schedulesWithin(deps.state, reach)).map(({ name }) => name)
  if (names.includes(schedule)) return
  throw new CodedError(
    'SCHEDULE_UNKNOWN',
    `There is no schedule ${schedule}. There are: ${names.join(', ')}.`,
  )
}

import { recordAudits } from '../../../ground/audit/record.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Editor, type Reach, requireAll } from '../../../rules/reach/reach.ts'
import type { Compiled, PlannedDigest } from '../../../work/digest/make/compile.ts'
import { rehearse } from '../../../work/digest/make/rehearse.ts'
import { type RunDeps, type RunResult, run } from '../../../work/digest/make/run.ts'
import { keptBack, whyKeptBack } from '../../../work/digest/make/why-no-digest.ts'
import { askForDigests, makeDigestsDue } from '../../../work/digest/send/outbox.ts'
import { dueDigestIds } from '../../../work/digest/send/watched-digests.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import { readersOf } from '../reach/readers-in-reach.ts'
import { schedulesWithin } from '../schedules/schedules-within.ts'

/** Whose digests an admin wants now. */
export interface WantedRun {
  /** Only the readers of this schedule; undefined means everybody. */
  readonly schedule: string | undefined
  /** Only the readers of these addresses, which have the form in which addresses are compared; undefined: all. */
  readonly recipients: readonly string[] | undefined
}

/** Whose digests these are: the directory has said who reads the mail of the recipients. */
interface ResolvedRun {
  readonly schedule: string | undefined
  readonly readers: readonly string[] | undefined
}

export interface MadeByHand extends RunResult {
  /** The readers that the run was for; undefined: all. */
  readonly readers: readonly string[] | undefined
  /** The run that was begun; undefined when nothing waits for these readers. */
  readonly runId: string | undefined
  /** The ids of digests that were made before and are due now. Another process may send them at any time. */
  readonly dueBefore: readonly string[]
  /** Sentences about those of the named readers for whom the directory lets no digest be made. */
  readonly keptBack: readonly string[]
}

export interface Rehearsed extends Compiled {
  /** The first digests, up to the number asked for. */
  readonly list: readonly PlannedDigest[]
  /** As in `MadeByHand`. */
  readonly keptBack: readonly string[]
}

/**
 * Makes digests now, because an admin asks for them. Delivering them is a separate step. Unless the run is for a
 * schedule, digests that wait for another attempt become due at once, too.
 *
 * @throws CodedError OUT_OF_REACH, SCHEDULE_UNKNOWN, RUN_OVERTAKEN
 */
export async function runByHand(
  deps: RunDeps,
  by: Editor,
  wanted: WantedRun,
  signal?: AbortSignal,
): Promise<MadeByHand> {
  const resolved = await resolve(deps, by, wanted)
  const { schedule, readers } = resolved
  const hasNoSchedule = schedule === undefined
  const dueAt = hasNoSchedule ? Number.MAX_SAFE_INTEGER : deps.clock()
  const dueBefore = await dueDigestIds(deps.state, { dueAt, readers })
  // First, so that the new digest has the messages of any digest that another process withholds until then.
  if (hasNoSchedule)
    await askForDigests(deps.state, await readersGettingDigests(deps, readers ?? []), deps.clock())
  let runId: string | undefined
  const onBegin = (begun: string) => {
    runId = begun
  }
  const made = await run(deps, { schedule, readers, dueAt: deps.clock(), signal, onBegin })
  if (hasNoSchedule) await makeDigestsDue(deps.state, readers, deps.clock())
  await audit(deps, by, resolved, made)
  return { ...made, runId, readers, dueBefore, keptBack: await reasonsFor(deps, readers) }
}

/**
 * Returns what `runByHand` would make. It collects, and changes nothing else.
 *
 * @param most how many of the digests to list
 * @throws CodedError OUT_OF_REACH, SCHEDULE_UNKNOWN
 */
export async function rehearseByHand(
  deps: RunDeps,
  by: Editor,
  wanted: WantedRun,
  most: number,
): Promise<Rehearsed> {
  const resolved = await resolve(deps, by, wanted)
  const list: PlannedDigest[] = []
  const compiled = await rehearse(deps, { ...resolved, dueAt: deps.clock() }, digest => {
    if (list.length < most) list.push(digest)
  })
  return { ...compiled, list, keptBack: await reasonsFor(deps, resolved.readers) }
}

const reasonsFor = async (deps: RunDeps, readers: readonly string[] = []): Promise<string[]> =>
  (await keptBack(deps, readers)).map(whyKeptBack)

/** Readers who are on and not paused. They get what is on its way even if its schedule has been switched off. */
async function readersGettingDigests(deps: RunDeps, readers: readonly string[]): Promise<string[]> {
  const gettingDigests: string[] = []
  for (const chunk of chunks(readers)) {
    for (const [reader, { enabled, pausedUntil = 0 }] of await settingsOf(deps.state, chunk, deps.standard))
      if (enabled && pausedUntil <= deps.clock()) gettingDigests.push(reader)
  }
  return gettingDigests
}

/** Each named reader gets an audit row, so that the admin of one reader's domain does not see what the others got. */
async function audit(deps: RunDeps, { actor }: Editor, { schedule, readers }: ResolvedRun, made: RunResult) {
  const everybody = schedule === undefined ? 'all readers' : `the readers of ${schedule}`
  const [recipient, ...others] = new Set(readers)
  const whose = others.length > 0 ? `${others.length + 1} readers` : recipient ? 'one reader' : everybody
  const entry = { actor, action: 'run', outcome: 'made' } as const
  const total = { ...entry, detail: `${made.digests} digests of ${made.items} messages for ${whose}` }
  const entries =
    recipient !== undefined && others.length > 0
      ? [total, ...[recipient, ...others].map(reader => ({ ...entry, recipient: reader }))]
      : [{ ...total, ...(recipient === undefined ? {} : { recipient }) }]
  for (const chunk of chunks(entries)) await recordAudits(deps.state, chunk, deps.clock())
}

/** Finds out who is meant, and refuses what the admin may not do. */
async function resolve(
  deps: RunDeps,
  { reach }: Editor,
  { schedule, recipients }: WantedRun,
): Promise<ResolvedRun> {
  if (recipients === undefined) requireAll(reach)
  const readers = recipients && (await readersOf(deps, reach, recipients))
  if (schedule !== undefined) await requireSchedule(deps, reach, schedule)
  return { schedule, readers }
}

async function requireSchedule(deps: RunDeps, reach: Reach, schedule: string): Promise<void> {
  const names = (await schedulesWithin(deps.state, reach)).map(({ name }) => name)
  if (names.includes(schedule)) return
  throw new CodedError(
    'SCHEDULE_UNKNOWN',
    `There is no schedule ${schedule}. There are: ${names.join(', ')}.`,
  )
}

import { recordAudit } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { CodedError, type ErrorCode } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Editor, reaches } from '../../../rules/reach/reach.ts'
import { findItem, itemsOfHeld } from '../../../work/collect/items.ts'
import { findRelease } from '../../../work/release/claims.ts'
import { findItemOfRelease } from '../../../work/release/item-of-release.ts'
import { digestsOf, findDigestLine } from '../../../work/stuck/digest-lines.ts'
import { releasesOf } from '../../../work/stuck/release-lines.ts'
import { digestTarget } from './digest-target.ts'
import { releaseTarget } from './release-target.ts'
import type { ByHandDeps, Did, Result, RetryRequest, Step, Target } from './target.ts'

export interface ByHandRequest extends RetryRequest {
  /**
   * Ids of digests, of releases or of items whose messages are being released. The words `digests`, `releases` and
   * `all` stand for those that wait for a retry.
   */
  readonly what: readonly string[]
  /** The kind of all ids. If it is given, `what` holds ids only, and no words. */
  readonly kind?: Target['kind']
}

/** What was done to one digest or release. */
export interface ByHand {
  readonly kind: 'digest' | 'release'
  readonly id: string
  /** The reader of the digest, or the recipient of the message, if it is still known. */
  readonly whose: string | null
  readonly did: Did
  /** Why a release failed. */
  readonly code: ErrorCode | null
}

/**
 * Retries digests and releases that wait for another attempt or have failed.
 *
 * @throws CodedError NOTHING_WAITS when an id is unknown or out of reach; then nothing was done
 */
export const retryByHand = (deps: ByHandDeps, request: ByHandRequest): Promise<ByHand[]> =>
  applyToEach(deps, request, 'retry', (inside, target) => target.retry(inside, request))

/**
 * Gives up what waits for another attempt: the digest is never sent, or the program no longer asks for the release.
 *
 * @throws CodedError NOTHING_WAITS when an id is unknown or out of reach; then nothing was done
 */
export const dropByHand = (deps: ByHandDeps, request: ByHandRequest): Promise<ByHand[]> =>
  applyToEach(deps, request, 'drop', (inside, target) => target.drop(inside))

type Action = 'retry' | 'drop'

async function applyToEach(
  deps: ByHandDeps,
  request: ByHandRequest,
  action: Action,
  act: (inside: ByHandDeps, target: Target) => Promise<Step>,
): Promise<ByHand[]> {
  const done: ByHand[] = []
  for (const target of await targetsOf(deps, request)) {
    const audit = (state: Pick<Database<StateTables>, 'sql'>, result: Result) =>
      record(state, deps.clock(), request.by, action, target, result)
    const step = await inTransaction(deps.state, async sql => {
      const inside = { ...deps, state: { ...deps.state, sql } }
      const step = await act(inside, target)
      if (typeof step !== 'function') await audit(inside.state, step)
      return step
    })
    const result = typeof step === 'function' ? await step(deps) : step
    if (typeof step === 'function') await audit(deps.state, result)
    const { kind, id, whose } = target
    done.push({ kind, id, whose, did: result.did, code: result.code ?? null })
  }
  return done
}

/** Looks all targets up before anything is done. */
async function targetsOf(deps: ByHandDeps, { what, kind, by }: ByHandRequest): Promise<Target[]> {
  const targets = new Map<string, Target>()
  for (const word of what) {
    const found = kind ? [await targetOf(deps, word, by, kind)] : await targetsNamed(deps, word, by)
    for (const target of found) targets.set(target.id, target)
  }
  return [...targets.values()]
}

async function targetsNamed(deps: ByHandDeps, word: string, by: Editor): Promise<Target[]> {
  const within = (targets: readonly Target[]) => targets.filter(target => isWithin(by, target))
  switch (word) {
    case 'digests':
      return within(await putOffDigests(deps))
    case 'releases':
      return within(await queuedReleases(deps))
    case 'all':
      return within([...(await putOffDigests(deps)), ...(await queuedReleases(deps))])
    default:
      return [await targetOf(deps, word, by, undefined)]
  }
}

/** A target whose readers are unknown is only for those who look after all domains. */
const isWithin = ({ reach }: Editor, { readers }: Target): boolean =>
  reach === undefined || readers.some(reader => reaches(reach, reader))

async function putOffDigests({ state, clock }: ByHandDeps): Promise<Target[]> {
  const { lines } = await digestsOf(state, 'putOff', clock(), undefined)
  return lines.map(line => digestTarget(line, false))
}

async function queuedReleases({ state, clock }: ByHandDeps): Promise<Target[]> {
  const { lines } = await releasesOf(state, 'queued', clock(), undefined)
  const targets: Target[] = []
  for (const { itemId } of lines) {
    const target = await findReleaseTarget(state, itemId)
    if (target) targets.push(target)
  }
  return targets
}

async function targetOf(
  { state }: ByHandDeps,
  id: string,
  by: Editor,
  kind: Target['kind'] | undefined,
): Promise<Target> {
  const target =
    (kind !== 'release' && (await findDigestTarget(state, id))) ||
    (kind !== 'digest' && (await findReleaseTarget(state, id)))
  // An id out of reach is reported as unknown, because ids can be worked out.
  if (target && isWithin(by, target)) return target
  throw new CodedError(
    'NOTHING_WAITS',
    `There is no digest and no release ${JSON.stringify(id)}; nothing was done. "amavis-digest status" shows their ids.`,
  )
}

async function findDigestTarget(state: Database<StateTables>, id: string): Promise<Target | undefined> {
  const digest = await findDigestLine(state, id)
  return digest && digestTarget(digest, true)
}

/** @param id of the release, or of the item of any reader of its message */
async function findReleaseTarget(state: Database<StateTables>, id: string): Promise<Target | undefined> {
  const release = (await findRelease(state, id)) ?? (await findReleaseOfItem(state, id))
  if (!release) return undefined
  const readers = (await itemsOfHeld(state, [release.heldId])).map(({ reader }) => reader)
  return releaseTarget(release, await findItemOfRelease(state, release), readers)
}

async function findReleaseOfItem(state: Database<StateTables>, itemId: string) {
  const item = await findItem(state, itemId)
  return item && findRelease(state, item.heldId)
}

async function record(
  state: Pick<Database<StateTables>, 'sql'>,
  now: number,
  { actor }: Editor,
  action: Action,
  { kind, id, itemId = id, whose, reader }: Target,
  { did, code }: Result,
): Promise<void> {
  await recordAudit(
    state,
    {
      actor,
      action,
      ...(kind === 'release' ? { itemId } : { digestId: id, detail: `digest ${id}` }),
      ...(whose === null ? {} : { recipient: whose }),
      ...(reader === undefined ? {} : { reader }),
      outcome: code ?? did,
    },
    now,
  )
}

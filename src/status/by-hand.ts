import { type Editor, reaches } from '../admins/reach.ts'
import { recordAudit } from '../audit/record.ts'
import { findItem } from '../collect/items.ts'
import { CodedError, type ErrorCode } from '../errors.ts'
import { dropQueued, findRelease, hastenQueued, type ReleaseRow } from '../release/claims.ts'
import { orphan } from '../release/orphan.ts'
import { type ReleaseDeps, releaseMessage } from '../release/release-message.ts'
import { type DigestLine, digestsOf, dropDigest, findDigestLine, makeDigestDue } from './digest-lines.ts'
import { releasesOf } from './release-lines.ts'

export interface ByHandDeps extends ReleaseDeps {
  /** Makes and sends a new digest of what waits for this reader. */
  readonly sendNow: (reader: string) => Promise<{ readonly digests: number; readonly sent: number }>
}

export interface ByHandRequest {
  /** Ids of digests or releases; `digests`, `releases` or `all` stand for those that wait for another attempt. */
  readonly what: readonly string[]
  /** Only ids of this kind: no word stands for many then. */
  readonly kind?: Target['kind']
  /** False: a release of which a copy may have come already is not asked for; it fails as RELEASE_UNCERTAIN. */
  readonly again?: boolean
  readonly by: Editor
}

/** What became of one digest or release. */
export interface ByHand {
  readonly kind: 'digest' | 'release'
  readonly id: string
  /** The reader of the digest, or the recipient of the message, if it is still known. */
  readonly whose: string | null
  readonly did: Did
  /** Of a release that failed. */
  readonly code: ErrorCode | null
}

export type Did =
  /** It will be tried again now. */
  | 'due'
  /** A living process has it in hand: not touched. */
  | 'in-hand'
  /** It is over: nothing is left to do. */
  | 'over'
  /** A new digest with its messages was sent. */
  | 'sent-anew'
  /** A new digest with its messages was made, and could not be sent yet. */
  | 'made-anew'
  /** None of its messages waits any more, or its reader gets no digests now. */
  | 'nothing-waits'
  | 'released'
  /** amavisd was asked, a second time perhaps for a copy that had come. */
  | 'released-again'
  | 'queued'
  | 'failed'
  | 'dropped'

/**
 * Tries again what waits for another attempt or has failed.
 * @throws CodedError NOTHING_WAITS when an id is none of ours, or not in reach; then nothing was done
 */
export const retryByHand = (deps: ByHandDeps, request: ByHandRequest): Promise<ByHand[]> =>
  forEach(deps, request, {
    action: 'retry',
    digest: retryOneDigest,
    release: retryOneRelease,
  })

/**
 * Gives up what waits for another attempt: a digest is never sent, a release is not asked for any more.
 * @throws CodedError NOTHING_WAITS when an id is none of ours, or not in reach; then nothing was done
 */
export const dropByHand = (deps: ByHandDeps, request: ByHandRequest): Promise<ByHand[]> =>
  forEach(deps, request, {
    action: 'drop',
    digest: dropOneDigest,
    release: dropRelease,
  })

type Target =
  | { readonly kind: 'digest'; readonly digest: DigestLine }
  | { readonly kind: 'release'; readonly release: ReleaseRow }

interface Result {
  readonly did: Did
  readonly code?: ErrorCode | null
}

type Asking = Pick<ByHandRequest, 'by' | 'again'>

interface Work {
  readonly action: 'retry' | 'drop'
  readonly digest: (deps: ByHandDeps, digest: DigestLine) => Promise<Result>
  readonly release: (deps: ByHandDeps, release: ReleaseRow, by: Asking) => Promise<Result>
}

async function forEach(deps: ByHandDeps, request: ByHandRequest, work: Work): Promise<ByHand[]> {
  const { by } = request
  const done: ByHand[] = []
  for (const target of await targetsOf(deps, request)) {
    const { did, code = null } =
      target.kind === 'digest'
        ? await work.digest(deps, target.digest)
        : await work.release(deps, target.release, request)
    const id = target.kind === 'digest' ? target.digest.id : target.release.itemId
    const item = target.kind === 'digest' ? undefined : await findItem(deps.state, id)
    const whose = target.kind === 'digest' ? target.digest.reader : (item?.recipient ?? null)
    const byHand = { kind: target.kind, id, whose, did, code }
    await audit(deps, work.action, byHand, item?.reader, by)
    done.push(byHand)
  }
  return done
}

/** All are looked up before anything is done. */
async function targetsOf(deps: ByHandDeps, { what, kind, by }: ByHandRequest): Promise<Target[]> {
  const targets = new Map<string, Target>()
  for (const word of what) {
    const named = kind ? [await targetOf(deps, word, by, kind)] : await targetsNamed(deps, word, by)
    for (const target of named) {
      targets.set(target.kind === 'digest' ? target.digest.id : target.release.itemId, target)
    }
  }
  return [...targets.values()]
}

async function targetsNamed(deps: ByHandDeps, word: string, by: Editor): Promise<Target[]> {
  switch (word) {
    case 'digests':
      return withinReach(deps, by, await putOffDigests(deps))
    case 'releases':
      return withinReach(deps, by, await queuedReleases(deps))
    case 'all':
      return withinReach(deps, by, [...(await putOffDigests(deps)), ...(await queuedReleases(deps))])
    default:
      return [await targetOf(deps, word, by, undefined)]
  }
}

async function withinReach(
  deps: ByHandDeps,
  { reach }: Editor,
  targets: readonly Target[],
): Promise<Target[]> {
  if (reach === undefined) return [...targets]
  const within: Target[] = []
  for (const target of targets) if (reaches(reach, await readerOf(deps, target))) within.push(target)
  return within
}

/** Nobody's, when the item of a release is not kept any more: that is for those who look after all domains. */
const readerOf = async ({ state }: ByHandDeps, target: Target): Promise<string> =>
  target.kind === 'digest'
    ? target.digest.reader
    : ((await findItem(state, target.release.itemId))?.reader ?? '')

async function putOffDigests({ state, clock }: ByHandDeps): Promise<Target[]> {
  const { lines } = await digestsOf(state, 'putOff', clock(), undefined)
  return lines.map(digest => ({ kind: 'digest', digest }))
}

async function queuedReleases({ state, clock }: ByHandDeps): Promise<Target[]> {
  const { lines } = await releasesOf(state, 'queued', clock(), undefined)
  const targets: Target[] = []
  for (const { itemId } of lines) {
    const release = await findRelease(state, itemId)
    if (release) targets.push({ kind: 'release', release })
  }
  return targets
}

async function targetOf(
  deps: ByHandDeps,
  id: string,
  by: Editor,
  kind: Target['kind'] | undefined,
): Promise<Target> {
  const target =
    (kind !== 'release' && (await digestTarget(deps, id))) ||
    (kind !== 'digest' && (await releaseTarget(deps, id)))
  // What is out of reach is not there: ids can be worked out.
  if (target && reaches(by.reach, await readerOf(deps, target))) return target
  throw new CodedError(
    'NOTHING_WAITS',
    `There is no digest and no release ${JSON.stringify(id)}; nothing was done. "amavis-digest status" shows their ids.`,
  )
}

async function digestTarget({ state }: ByHandDeps, id: string): Promise<Target | undefined> {
  const digest = await findDigestLine(state, id)
  return digest && { kind: 'digest', digest }
}

async function releaseTarget({ state }: ByHandDeps, id: string): Promise<Target | undefined> {
  const release = await findRelease(state, id)
  return release && { kind: 'release', release }
}

async function retryOneDigest(deps: ByHandDeps, digest: DigestLine): Promise<Result> {
  if (digest.state === 'failed') return sendAnew(deps, digest)
  if (digest.state !== 'pending') return { did: 'over' }
  const now = deps.clock()
  if (digest.nextAttemptAt <= now && !isInHand(digest, now)) return { did: 'due' }
  return (await makeDigestDue(deps.state, digest.id, now)) ? { did: 'due' } : { did: 'in-hand' }
}

/** Its messages wait for the reader's next digest anyway: this makes it now. */
async function sendAnew(deps: ByHandDeps, { reader }: DigestLine): Promise<Result> {
  const { digests, sent } = await deps.sendNow(reader)
  if (digests === 0) return { did: 'nothing-waits' }
  return { did: sent > 0 ? 'sent-anew' : 'made-anew' }
}

async function dropOneDigest({ state, clock }: ByHandDeps, digest: DigestLine): Promise<Result> {
  if (digest.state !== 'pending') return { did: 'over' }
  return (await dropDigest(state, digest.id, clock())) ? { did: 'dropped' } : { did: 'in-hand' }
}

const isInHand = (digest: DigestLine, now: number): boolean => (digest.leaseUntil ?? 0) > now

async function retryOneRelease(deps: ByHandDeps, release: ReleaseRow, asking: Asking): Promise<Result> {
  switch (release.state) {
    case 'released':
      return { did: 'over' }
    case 'queued':
      return (await hastenQueued(deps.state, release, deps.clock())) ? { did: 'due' } : { did: 'in-hand' }
    case 'releasing':
      if (release.leaseUntil > deps.clock()) return { did: 'in-hand' }
      return (await orphan(deps, release)) === 'queued' ? { did: 'due' } : askAgain(deps, release, asking)
    case 'failed':
    case 'uncertain':
      return askAgain(deps, release, asking)
  }
}

async function askAgain(
  deps: ByHandDeps,
  release: ReleaseRow,
  { by, again = true }: Asking,
): Promise<Result> {
  const request = {
    itemId: release.itemId,
    actor: by.actor,
    requestedBy: release.requestedBy,
    askedBy: release.askedBy,
    confirmed: true,
    again,
  } as const
  try {
    const { status, code } = await releaseMessage(deps, request)
    if (status === 'released') return { did: release.state === 'failed' ? 'released' : 'released-again' }
    return { did: status === 'already-released' ? 'over' : status, code }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { did: 'failed', code: error.code }
  }
}

async function dropRelease(deps: ByHandDeps, release: ReleaseRow): Promise<Result> {
  if (release.state === 'releasing' && release.leaseUntil > deps.clock()) return { did: 'in-hand' }
  if (release.state !== 'queued') return { did: 'over' }
  return (await dropQueued(deps.state, release, deps.clock())) ? { did: 'dropped' } : { did: 'in-hand' }
}

async function audit(
  deps: ByHandDeps,
  action: Work['action'],
  done: ByHand,
  reader: string | undefined,
  { actor }: Editor,
): Promise<void> {
  const { kind, id, whose, did, code } = done
  await recordAudit(
    deps.state,
    {
      actor,
      action,
      ...(kind === 'release' ? { itemId: id } : { digestId: id, detail: `digest ${id}` }),
      ...(whose === null ? {} : { recipient: whose }),
      ...(reader === undefined ? {} : { reader }),
      outcome: code ?? did,
    },
    deps.clock(),
  )
}

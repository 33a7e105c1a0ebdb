import type { Logger } from 'pino'
import type { WorkWatch } from '../../../ground/health/work-watch.ts'
import { publishStep } from '../../../ground/steps.ts'
import { type Item, itemsOfCopies, itemsOfDigests } from '../../collect/items.ts'
import { type Candidate, candidatesFor } from '../make/candidates.ts'
import type { CompileDeps } from '../make/compile.ts'
import { keepPromises, type Listing } from '../make/kept-promises.ts'
import { type DigestHistory, type HistoryDeps, historiesOf, NO_HISTORY } from '../show/digest-history.ts'
import { CheckedBatch } from './checked-batch.ts'
import type { DueDigests } from './due-digests.ts'
import type { LeasedDigests } from './leased-digests.ts'
import { type LeasedDigest, leaseDigests, renewLeases, returnDigests } from './outbox.ts'
import { withPresentReaders } from './readers-at-delivery.ts'
import { type CurrentSettingsDeps, withCurrentSettings } from './settings-at-delivery.ts'
import { untrueEmptyDigests } from './untrue-empty-digests.ts'

export interface LeaseDeps extends HistoryDeps, CompileDeps, CurrentSettingsDeps {
  /** Milliseconds after which a dead process's digests are free again. */
  readonly lease: number
  readonly clock: () => number
  readonly works: WorkWatch
  readonly log: Logger
}

/** A leased digest with all that is needed to send it. */
export interface DigestToSend {
  readonly digest: LeasedDigest
  /** The messages that it claims or, if it is a copy, shows, and its reader still reads. */
  readonly candidates: readonly Candidate[]
  /** Those that it claims and its reader no longer reads. */
  readonly moved: readonly Candidate[]
  /** What its reader was told before. */
  readonly history: DigestHistory
  /** Why it must not be sent; undefined when it may be. */
  readonly unwanted: string | undefined
  /** Why it has to wait, although it is wanted; undefined when it need not. */
  readonly mustWait: string | undefined
  /** The reader's own words in it; empty if there are none. */
  readonly phrase: string
  /** Whether its mail may say how to unsubscribe. */
  readonly mayPause: boolean
}

export interface DigestSelection extends DueDigests {
  /** These digests alone, at most DELIVERY_BATCH of them; undefined means all that are due. */
  readonly digestIds?: readonly string[] | undefined
}

/**
 * Leases the digests that are due, batch after batch, and adds them to the leased digests. The next batch is prepared
 * while one is being sent, so that a slow mail holds up no connection but its own. It is also checked before the last
 * digests of that one are taken, so that no connection waits for the check.
 */
export async function* digestsToSend(
  deps: LeaseDeps,
  selection: DigestSelection,
  leased: LeasedDigests,
): AsyncGenerator<DigestToSend> {
  const prepareNext = async () =>
    new CheckedBatch(deps, await prepareBatch(deps, selection, leased), checkBeforeSending)
  let next = prepareNext()
  try {
    for (let batch = await next; batch.size > 0; batch = await next) {
      next = prepareNext()
      next.catch(ignoreUntilAwaited)
      for (let place = 0; place < batch.size; place += 1) {
        if (place === Math.max(0, batch.size - CHECKED_AHEAD))
          next.then(({ check }) => check(), ignoreUntilAwaited)
        yield batch.at(place)
      }
    }
  } finally {
    await next.catch(ignoreUntilAwaited)
  }
}

/** Keeps renewing the leases of the leased digests. Disposing of it ends that, and waits for a renewal under way. */
export function keepLeases(deps: LeaseDeps, leased: LeasedDigests): AsyncDisposable {
  const renew = async () => {
    const lease = { owner: deps.owner, until: deps.clock() + deps.lease }
    const ids = leased.ids()
    leased.recordRenewal(ids, await renewLeases(deps.state, lease, ids), lease.until)
  }
  let underWay = Promise.resolve()
  const timer = setInterval(() => {
    underWay = deps.works
      .run('sending', 'leases', renew)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'leases could not be renewed'))
  }, deps.lease / 3).unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await underWay
    },
  }
}

/** Gives back digests that have not been begun. */
export const returnUntouched = (deps: LeaseDeps, digests: readonly LeasedDigest[]): Promise<void> =>
  returnDigests(
    deps.state,
    deps.owner,
    digests.map(digest => digest.digestId),
  )

/** How many digests are leased at once, at most. Their messages are read from amavis's tables together. */
export const DELIVERY_BATCH = 500

/** When so many digests of a batch are left, the next batch is checked: they take longer than the check. */
const CHECKED_AHEAD = 50

const ignoreUntilAwaited = () => undefined

/**
 * A digest with the data that takes long to read. It is read while the batch before is being sent, so it may be minutes
 * old when the digest's turn comes.
 */
type PreparedDigest = Pick<DigestToSend, 'digest' | 'candidates' | 'history'>

async function prepareBatch(
  deps: LeaseDeps,
  selection: DigestSelection,
  leased: LeasedDigests,
): Promise<PreparedDigest[]> {
  const until = deps.clock() + deps.lease
  const batch = await leaseBatch(deps, selection, until)
  leased.add(batch, until)
  if (batch.length === 0) return []
  publishStep('digests-leased')
  // What its reader was told before is nothing to whoever gets a copy.
  const originals = batch.filter(({ copyOf }) => copyOf === undefined)
  const [candidates, histories] = await Promise.all([
    candidatesOf(deps, batch),
    historiesOf(deps, originals, deps.clock()),
  ])
  const prepared = batch.map(digest => ({
    digest,
    candidates: candidates.get(digest.digestId) ?? [],
    history: histories.get(digest.digestId) ?? NO_HISTORY,
  }))
  await keepPromises(deps.state, deps, prepared.flatMap(listingsOf))
  return prepared
}

/** What its mail has links to. */
const listingsOf = ({ digest, candidates, history }: PreparedDigest): readonly Listing[] => [
  ...candidates.map(({ item }) => ({ item, listedAt: digest.createdAt })),
  ...history.waiting,
  ...history.news.flatMap(({ item, listedAt }) => (listedAt === undefined ? [] : [{ item, listedAt }])),
]

/**
 * Looks up which of the digests are still wanted, whose their messages are, and where they go. Called just before they
 * are sent.
 */
async function checkBeforeSending(
  deps: LeaseDeps,
  batch: readonly PreparedDigest[],
): Promise<DigestToSend[]> {
  const digests = batch.map(({ digest }) => digest)
  const [untrue, present] = await Promise.all([
    untrueEmptyDigests(deps, digests, deps.clock()),
    withPresentReaders(deps, batch),
  ])
  const current = await withCurrentSettings(deps, present)
  return current.map(({ readerGone, unwanted, ...rest }) => ({
    ...rest,
    unwanted: readerGone ?? unwanted ?? untrue.get(rest.digest.digestId),
  }))
}

function leaseBatch(deps: LeaseDeps, selection: DigestSelection, until: number): Promise<LeasedDigest[]> {
  return leaseDigests(
    deps.state,
    { owner: deps.owner, until },
    {
      now: deps.clock(),
      dueAt: selection.dueAt,
      readers: selection.readers,
      digestIds: selection.digestIds,
      limit: DELIVERY_BATCH,
    },
  )
}

async function candidatesOf(
  deps: LeaseDeps,
  digests: readonly LeasedDigest[],
): Promise<Map<string, Candidate[]>> {
  const copies = digests.flatMap(({ copyOf, ...digest }) =>
    copyOf === undefined ? [] : [{ ...digest, copyOf }],
  )
  const items = new Map([
    ...(await itemsOfDigests(
      deps.state,
      digests.filter(({ copyOf }) => copyOf === undefined).map(({ digestId }) => digestId),
    )),
    ...(await itemsOfCopies(deps.state, copies)),
  ])
  const found = await candidatesFor(deps, distinct([...items.values()].flat()))
  const candidates = new Map(found.map(candidate => [candidate.item.itemId, candidate]))
  return new Map(
    [...items].map(([digestId, own]) => [
      digestId,
      own.flatMap(({ itemId }) => candidates.get(itemId) ?? []),
    ]),
  )
}

/** A digest and its copies share their items. */
const distinct = (items: readonly Item[]): Item[] => [
  ...new Map(items.map(item => [item.itemId, item])).values(),
]

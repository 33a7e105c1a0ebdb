import type { Logger } from 'pino'
import { passed } from '../../../ground/steps.ts'
import { itemsOfDigests } from '../../collect/items.ts'
import { type Candidate, withMail } from '../make/candidates.ts'
import type { CompileDeps } from '../make/compile.ts'
import { type Earlier, type EarlierDeps, earlierOf, NOTHING_EARLIER } from '../show/earlier.ts'
import type { DueDigests } from './due-digests.ts'
import type { LeasedDigests } from './leased-digests.ts'
import { type LeasedDigest, leaseDigests, renewLeases, returnDigests } from './outbox.ts'
import { overtakenSince } from './overtaken.ts'
import { asSettingsAre, type SettingsNow } from './settings-at-delivery.ts'

export interface ParcelDeps extends EarlierDeps, CompileDeps, SettingsNow {
  /** Milliseconds after which a dead process's digests are free again. */
  readonly lease: number
  readonly clock: () => number
  readonly log: Logger
}

/** A leased digest with the messages that it claims. */
export interface Parcel {
  readonly digest: LeasedDigest
  readonly candidates: readonly Candidate[]
  /** What its reader was told before. */
  readonly earlier: Earlier
  /** Why it is not to be sent; undefined: it is. */
  readonly unwanted: string | undefined
  /** Whether its mail may say how to unsubscribe. */
  readonly mayPause: boolean
}

export interface ParcelRequest extends DueDigests {
  /** These digests alone, as many as a lot holds; undefined: all that is due. */
  readonly digestIds?: readonly string[] | undefined
}

/**
 * Leases what is due, batch after batch, and adds it to the leased digests. The next batch is made ready while one is being
 * sent, so that a slow mail holds up no connection but its own.
 */
export async function* dueParcels(
  deps: ParcelDeps,
  due: ParcelRequest,
  leased: LeasedDigests,
): AsyncGenerator<Parcel> {
  let ahead = readyBatch(deps, due, leased)
  try {
    for (let batch = await ahead; batch.length > 0; batch = await ahead) {
      ahead = readyBatch(deps, due, leased)
      ahead.catch(toldInItsTurn)
      yield* await parcelsOf(deps, batch)
    }
  } finally {
    await ahead.catch(toldInItsTurn)
  }
}

/** Renews the leases of what is in hand until it is disposed of; a renewal under way is waited for. */
export function keepLeases(deps: ParcelDeps, leased: LeasedDigests): AsyncDisposable {
  const renew = async () => {
    const lease = { owner: deps.owner, until: deps.clock() + deps.lease }
    const ids = leased.ids()
    leased.recordRenewal(ids, await renewLeases(deps.state, lease, ids), lease.until)
  }
  let underWay = Promise.resolve()
  const timer = setInterval(() => {
    underWay = renew().catch((error: unknown) => deps.log.warn({ err: error }, 'leases could not be renewed'))
  }, deps.lease / 3).unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await underWay
    },
  }
}

/** Gives back what has not been begun. */
export const returnParcels = (deps: ParcelDeps, digests: readonly LeasedDigest[]): Promise<void> =>
  returnDigests(
    deps.state,
    deps.owner,
    digests.map(digest => digest.digestId),
  )

/** Digests leased at once, at most; the mails of so many are read from amavis's tables in one go. */
export const LOT = 200

const toldInItsTurn = () => undefined

/** What takes long, and may be a lot old when it is sent. */
type Ready = Pick<Parcel, 'digest' | 'candidates' | 'earlier'>

async function readyBatch(deps: ParcelDeps, due: ParcelRequest, leased: LeasedDigests): Promise<Ready[]> {
  const until = deps.clock() + deps.lease
  const batch = await leaseBatch(deps, due, until)
  leased.add(batch, until)
  if (batch.length === 0) return []
  passed('digests-leased')
  const candidates = await candidatesOf(deps, batch)
  const earlier = await earlierOf(deps, batch, deps.clock())
  return batch.map(digest => ({
    digest,
    candidates: candidates.get(digest.digestId) ?? [],
    earlier: earlier.get(digest.digestId) ?? NOTHING_EARLIER,
  }))
}

/** Whether they are still wanted, and where, is found out just before they are sent. */
async function parcelsOf(deps: ParcelDeps, batch: readonly Ready[]): Promise<Parcel[]> {
  const digests = batch.map(({ digest }) => digest)
  const overtaken = await overtakenSince(deps, digests, deps.clock())
  const current = await asSettingsAre(deps, batch)
  return current.map(({ unwanted, ...parcel }) => ({
    ...parcel,
    unwanted: unwanted ?? overtaken.get(parcel.digest.digestId),
  }))
}

function leaseBatch(deps: ParcelDeps, due: ParcelRequest, until: number): Promise<LeasedDigest[]> {
  return leaseDigests(
    deps.state,
    { owner: deps.owner, until },
    {
      now: deps.clock(),
      dueAt: due.dueAt,
      readers: due.readers,
      digestIds: due.digestIds,
      limit: LOT,
    },
  )
}

async function candidatesOf(
  deps: ParcelDeps,
  digests: readonly LeasedDigest[],
): Promise<Map<string, Candidate[]>> {
  const items = await itemsOfDigests(
    deps.state,
    digests.map(digest => digest.digestId),
  )
  const candidates = await withMail(deps.storage, [...items.values()].flat())
  return Map.groupBy(candidates, candidate => candidate.item.digestId ?? '')
}

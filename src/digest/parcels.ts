import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { passed } from '../steps.ts'
import { type Candidate, withMail } from './candidates.ts'
import { itemsOfDigests, type LeasedDigest, leaseDigests, renewLeases, returnDigests } from './outbox.ts'

export interface ParcelDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** This process, in leases. */
  readonly owner: string
  /** Milliseconds after which a dead process's digests are free again. */
  readonly lease: number
  readonly clock: () => number
  readonly log: Logger
}

/** A leased digest with the messages that it claims. */
export interface Parcel {
  readonly digest: LeasedDigest
  readonly candidates: readonly Candidate[]
}

/** What this process has leased and not finished. */
export type Hand = Map<string, { readonly digest: LeasedDigest; readonly begun: boolean }>

export interface DueDigests {
  /** Digests that are due at this time, in milliseconds since the epoch. */
  readonly dueAt: number
  /** These readers' only. */
  readonly readers?: readonly string[]
}

/**
 * Leases what is due, batch after batch, and puts it into the hand. The next batch is made ready while one is being
 * sent, so that a slow mail holds up no connection but its own.
 */
export async function* dueParcels(deps: ParcelDeps, due: DueDigests, hand: Hand): AsyncGenerator<Parcel> {
  let ahead = readyBatch(deps, due, hand)
  try {
    for (let batch = await ahead; batch.length > 0; batch = await ahead) {
      ahead = readyBatch(deps, due, hand)
      ahead.catch(toldInItsTurn)
      yield* batch
    }
  } finally {
    await ahead.catch(toldInItsTurn)
  }
}

/** Renews the leases of what is in hand until the timer is cleared. */
export function keepLeases(deps: ParcelDeps, hand: Hand): NodeJS.Timeout {
  return setInterval(() => {
    const lease = { owner: deps.owner, until: deps.clock() + deps.lease }
    renewLeases(deps.state, lease, [...hand.keys()]).catch((error: unknown) => {
      deps.log.warn({ err: error }, 'leases could not be renewed')
    })
  }, deps.lease / 3).unref()
}

/** Gives back what has not been begun. */
export const returnParcels = (deps: ParcelDeps, digests: readonly LeasedDigest[]): Promise<void> =>
  returnDigests(
    deps.state,
    deps.owner,
    digests.map(digest => digest.digestId),
  )

/** Digests leased at once; the mails of so many are read from amavis's tables in one go. */
const BATCH = 200

const toldInItsTurn = () => undefined

async function readyBatch(deps: ParcelDeps, due: DueDigests, hand: Hand): Promise<Parcel[]> {
  const digests = await leaseBatch(deps, due)
  for (const digest of digests) hand.set(digest.digestId, { digest, begun: false })
  if (digests.length > 0) passed('digests-leased')
  const candidates = await candidatesOf(deps, digests)
  return digests.map(digest => ({ digest, candidates: candidates.get(digest.digestId) ?? [] }))
}

function leaseBatch(deps: ParcelDeps, due: DueDigests): Promise<LeasedDigest[]> {
  const now = deps.clock()
  const lease = { owner: deps.owner, until: now + deps.lease }
  return leaseDigests(deps.state, lease, {
    now,
    dueAt: due.dueAt,
    readers: due.readers,
    limit: BATCH,
  })
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

import type { Database } from '../../ground/database/database.ts'
import type { JobKind, Queue } from '../../ground/queue/queue.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { freeDigests } from '../digest/send/due-digests.ts'
import { dueReleaseIds } from '../release/claims.ts'

export interface OfferDeps {
  readonly state: Database<StateTables>
  readonly queue: Queue
  readonly clock: () => number
}

/**
 * Offers to the queue all digests and releases that are due and not leased: new work, and work that the queue has lost
 * or a dead process has left behind.
 *
 * @returns how many
 * @throws CodedError QUEUE_UNREACHABLE, DATABASE_UNREACHABLE
 */
export async function offerDue({ state, queue, clock }: OfferDeps): Promise<number> {
  const offer = async (kind: JobKind, find: (now: number, limit: number) => Promise<readonly string[]>) => {
    const room = MOST - (await queue.depth(kind))
    if (room <= 0) return 0
    const ids = await find(clock(), MOST)
    await queue.offer(ids.map(id => ({ kind, id })))
    return ids.length
  }
  const digests = await offer('digest', (now, limit) => freeDigests(state, { dueAt: now }, now, limit))
  const releases = await offer('release', (now, limit) => dueReleaseIds(state, now, limit))
  return digests + releases
}

/** The approximate maximum number of jobs of each kind in the queue. The others wait in the tables. */
const MOST = 10_000

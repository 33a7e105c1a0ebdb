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
 * @throws CodedError QUEUE_UNREACHABLE, DATABASE_UNREACHABLE
 */
export async function offerDue({ state, queue, clock }: OfferDeps): Promise<void> {
  const offer = async (kind: JobKind, find: (now: number, limit: number) => Promise<readonly string[]>) => {
    const room = MOST - (await queue.depth(kind))
    if (room > 0) await queue.offer((await find(clock(), MOST)).map(id => ({ kind, id })))
  }
  await offer('digest', (now, limit) => freeDigests(state, { dueAt: now }, now, limit))
  await offer('release', (now, limit) => dueReleaseIds(state, now, limit))
}

/** The approximate maximum number of jobs of each kind in the queue. The others wait in the tables. */
const MOST = 10_000

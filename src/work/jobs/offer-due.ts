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
 * Offers what the tables say is due and in nobody's hands: new work, and all that a queue has forgotten or a dead
 * process has left.
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

/** Jobs of a kind that wait at once, about; the others wait in the tables. */
const MOST = 10_000

import { highestAddressId } from '../../ground/amavis/purge/addresses.ts'
import { requirePurgeRights } from '../../ground/amavis/purge/purge-rights.ts'
import { retentionOf } from '../../ground/amavis/retention.ts'
import { rest } from '../../ground/concurrency/then-rest.ts'
import { MINUTE, SECOND } from '../../ground/durations.ts'
import { requireSameTime } from '../../ground/state/check-clock.ts'
import type { Terms } from './expiry.ts'
import { countingHand, deletingHand } from './hand.ts'
import { type Lease, leasedUntil, takeLease } from './lease.ts'
import { purgeOwnRows } from './own-rows.ts'
import { type Found, nothingFound, type Pass, type PurgeDeps } from './pass.ts'
import { purgeAddresses, purgeOrphans } from './purge-leftovers.ts'
import { purgeOldMessages, purgeUnfinished } from './purge-messages.ts'

export interface PurgeRequest {
  /** In place of the configured retention, in milliseconds. What links and digests promise is kept all the same. */
  readonly olderThan?: number | undefined
  /** Counts, and deletes nothing. */
  readonly isDryRun: boolean
  /** In `serve`, where nobody waits for it. By hand, it looks at everything. */
  readonly byClock: boolean
  /** Once it is aborted, the pass ends after the batch in hand. The next one takes up the rest. */
  readonly signal: AbortSignal
}

export interface PurgeResult extends Found {
  /** Another process is purging, so this one has done nothing. */
  readonly isElsewhere: boolean
  /** It was stopped before its end. */
  readonly isPartial: boolean
}

/**
 * Deletes old mail from amavis's tables, what belongs to no mail there, and what our own tables have about such mail.
 * In small transactions, with rests in between, so that amavisd does not notice it.
 *
 * @throws CodedError CLOCK_WRONG, DATABASE_GRANT_MISSING that names the GRANTs, DATABASE_READ_ONLY,
 *   DATABASE_UNREACHABLE, DATABASE_REFUSED
 */
export async function purge(deps: PurgeDeps, request: PurgeRequest): Promise<PurgeResult> {
  await requireSameTime(deps.storage, deps.clock, MOST_APART)
  if (request.isDryRun) return doPass(deps, request, undefined)
  await requirePurgeRights(deps.storage.sql)
  const lease = await leaseFor(deps, request)
  if (!lease) return { ...nothingFound(), isElsewhere: true, isPartial: false }
  try {
    return await doPass(deps, request, lease)
  } finally {
    await lease.end()
  }
}

/** By hand, it waits for the lease of a process that was killed to run out. A process that is alive renews its own. */
async function leaseFor(
  { state, clock, log }: PurgeDeps,
  { byClock, signal }: PurgeRequest,
): Promise<Lease | undefined> {
  const begun = await leasedUntil(state)
  let lease = await takeLease(state, clock)
  if (lease || byClock) return lease
  log.warn(
    'another process has been purging lately: looking whether it still does, for half a minute at most',
  )
  while (!lease && !signal.aborted && (await leasedUntil(state)) === begun) {
    await rest(SECOND / 2, signal)
    lease = await takeLease(state, clock)
  }
  return lease
}

/** How much our clock and the database's may differ, in milliseconds. */
const MOST_APART = 5 * MINUTE

async function doPass(
  deps: PurgeDeps,
  { olderThan, isDryRun, byClock, signal }: PurgeRequest,
  lease: Lease | undefined,
): Promise<PurgeResult> {
  const pass: Pass = {
    ...deps,
    now: deps.clock(),
    terms: olderThan === undefined ? deps.terms : termsFor(olderThan),
    hand: isDryRun ? countingHand(deps.storage) : deletingHand(deps.storage),
    found: nothingFound(),
    byClock,
    lease,
    isOver: false,
    signal,
  }
  const highestId = await highestAddressId(deps.storage.sql)
  await purgeOldMessages(pass)
  await purgeUnfinished(pass)
  await purgeOrphans(pass, 'msgrcpt')
  await purgeOrphans(pass, 'quarantine')
  await purgeAddresses(pass, highestId)
  await purgeOwnRows(pass)
  return { ...pass.found, isElsewhere: false, isPartial: pass.isOver || signal.aborted }
}

const termsFor = (olderThan: number): Terms => ({
  retention: retentionOf(olderThan),
  released: undefined,
  deleted: undefined,
})

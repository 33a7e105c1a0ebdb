import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../../ground/durations.ts'
import type { ReleaseRow } from './claims.ts'

/**
 * Polls a release until no process is asking amavisd for it. It may return a row that is still `releasing`: when the
 * lease has run out (the process is dead), when a person has waited long enough (amavisd is slow), or on a stop.
 */
export async function whenSettled(
  look: () => Promise<ReleaseRow | undefined>,
  clock: () => number,
  { stop, elapsed = () => performance.now() }: Patience = {},
): Promise<ReleaseRow | undefined> {
  // The clock may be set meanwhile, so it does not measure this.
  const giveUpAt = elapsed() + PATIENCE
  for (;;) {
    const row = await look()
    if (row?.state !== 'releasing' || row.leaseUntil <= clock()) return row
    if (stop?.aborted || elapsed() >= giveUpAt) return row
    await wait(LOOK_EVERY)
  }
}

interface Patience {
  readonly stop?: AbortSignal | undefined
  /** Milliseconds from a monotonic clock. */
  readonly elapsed?: () => number
}

/** Milliseconds. */
const PATIENCE = 40 * SECOND

/** Milliseconds; amavisd needs 6 to 15 for a small mail. */
const LOOK_EVERY = 50

import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../../ground/durations.ts'
import type { ReleaseRow } from './claims.ts'

/**
 * Looks at a release until nobody is asking amavisd for it any more. The row is still `releasing` when the lease of
 * whoever asks has run out (they are dead), when a person has waited long enough (they are slow), or at a stop.
 */
export async function whenSettled(
  look: () => Promise<ReleaseRow | undefined>,
  clock: () => number,
  { stop, elapsed = () => performance.now() }: Patience = {},
): Promise<ReleaseRow | undefined> {
  // Not by the clock, which may be set meanwhile.
  const patience = elapsed() + PATIENCE
  for (;;) {
    const row = await look()
    if (row?.state !== 'releasing' || row.leaseUntil <= clock()) return row
    if (stop?.aborted || elapsed() >= patience) return row
    await wait(LOOK_EVERY)
  }
}

interface Patience {
  readonly stop?: AbortSignal | undefined
  /** Milliseconds that never go back. */
  readonly elapsed?: () => number
}

/** Milliseconds. */
const PATIENCE = 40 * SECOND

/** Milliseconds; amavisd needs 6 to 15 for a small mail. */
const LOOK_EVERY = 50

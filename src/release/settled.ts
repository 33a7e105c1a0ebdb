import { setTimeout as wait } from 'node:timers/promises'
import type { ReleaseRow } from './claims.ts'

/**
 * Looks at a release until nobody is asking amavisd for it any more. The row is still `releasing` when the lease of
 * whoever asks has run out (they are dead), or when a person has waited long enough (they are slow).
 */
export async function whenSettled(
  look: () => Promise<ReleaseRow | undefined>,
  clock: () => number,
): Promise<ReleaseRow | undefined> {
  const patience = clock() + PATIENCE
  for (;;) {
    const row = await look()
    const now = clock()
    if (row?.state !== 'releasing' || row.leaseUntil <= now || now >= patience) return row
    await wait(LOOK_EVERY)
  }
}

/** Milliseconds. */
const PATIENCE = 40_000

/** Milliseconds; amavisd needs 6 to 15 for a small mail. */
const LOOK_EVERY = 50

import type { Kysely } from 'kysely'
import { hasMoreMessagesSince } from '../../ground/amavis/messages.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { thenRest } from '../../ground/concurrency/then-rest.ts'
import { SECOND } from '../../ground/durations.ts'
import { type Window, windowsAgain, windowsOf } from './windows.ts'

/** How collecting goes about its work. */
export interface Pace {
  /** What to look at, after all until `last` was looked at before. All times are in milliseconds. */
  windows(
    storage: Kysely<AmavisTables>,
    last: number,
    now: number,
    overlap: number,
  ): Promise<Iterable<Window>>
  /** Does a piece of the work. */
  piece<Result>(work: () => Promise<Result>): Promise<Result>
}

/** For who waits for it, such as a run: it finds all mail that is there now, as soon as it can. */
export const AT_ONCE: Pace = {
  windows: async (_storage, last, now, overlap) => windowsOf(last - overlap, now),
  piece: work => work(),
}

/**
 * For a service that comes back again and again: it rests after each piece, three times as long as the piece took, so
 * that amavisd does not notice it. It still takes in several thousand messages a second. Where the overlap holds very
 * many messages, it does not look at all of them each time.
 */
export const unnoticed = (signal: AbortSignal): Pace => ({
  windows: async (storage, last, now, overlap) => {
    const from = last - overlap
    const isMuch = await hasMoreMessagesSince(storage, Math.floor(from / SECOND), MUCH)
    return isMuch ? windowsAgain(last, now, overlap) : windowsOf(from, now)
  },
  piece: work => thenRest({ pause: 3, signal }, work),
})

/** To look at so many messages, held or not, takes about a second of the processor. */
const MUCH = 100_000

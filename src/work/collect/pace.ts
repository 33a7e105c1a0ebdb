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
  /** Once it is aborted, collecting ends after the piece that is under way. */
  readonly signal?: AbortSignal
  /** Does a piece of the work. */
  piece<Result>(work: () => Promise<Result>): Promise<Result>
}

/** For a run, which waits for it: finds all mail that is there now, as soon as it can. */
export const AT_ONCE: Pace = {
  windows: async (_storage, last, now, overlap) => windowsOf(last - overlap, now),
  piece: work => work(),
}

/**
 * For a service, which collects each minute: it rests after each piece, three times as long as the piece took, so that
 * amavisd does not notice it. It still takes in several thousand messages a second. Where more than `most` messages are
 * in the overlap, it does not look at all of them each time.
 */
export const unnoticed = (signal: AbortSignal, most = MOST_AGAIN): Pace => ({
  signal,
  windows: async (storage, last, now, overlap) => {
    const from = last - overlap
    const hasTooMany = await hasMoreMessagesSince(storage, Math.floor(from / SECOND), most)
    return hasTooMany ? windowsAgain(last, now, overlap) : windowsOf(from, now)
  },
  piece: work => thenRest({ pause: 3, signal }, work),
})

/** To look at so many messages, held or not, takes about a second of the processor. */
const MOST_AGAIN = 100_000

import type { DigestState, ReleaseState } from '../state/states.ts'

/** What our tables say about the work that is left. */
export interface StateFigures {
  readonly digests: Readonly<Record<CountedDigests, number>>
  readonly releases: Readonly<Record<CountedReleases, number>>
  readonly itemsWaiting: number
  /**
   * When the oldest digest that has not been sent was made, or is to be sent first, where mails are spread; undefined when
   * all are sent.
   */
  readonly oldestPendingAt: number | undefined
  /** When the last run of each schedule was finished; without those that never ran. */
  readonly runsFinishedAt: ReadonlyMap<string, number>
}

/** Not `sent`, `empty` and `released`: those are all that ever was, and are counted where they happen. */
export type CountedDigests = Extract<DigestState, 'pending' | 'failed'>
export type CountedReleases = Exclude<ReleaseState, 'released'>

/** No count goes further: it would cost whoever asks more than anybody learns from it. */
export const MAX_COUNT = 100_000

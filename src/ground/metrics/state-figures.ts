import type { DigestState, ReleaseState } from '../state/states.ts'

/** What our tables say about outstanding work. */
export interface StateFigures {
  readonly digests: Readonly<Record<CountedDigests, number>>
  readonly releases: Readonly<Record<CountedReleases, number>>
  readonly itemsWaiting: number
  /** Messages of the last 30 days that no digest lists, because no mail can be sent to their recipient. */
  readonly unlisted: number
  /** Messages that readers have asked for, and about which no admin has decided. */
  readonly requestsWaiting: number
  /** When the oldest of these requests was made; undefined when none waits. */
  readonly oldestRequestAt: number | undefined
  /**
   * When the unsent digest that waits longest was first due to be sent; undefined when all are sent. A digest that is
   * sent again waits from the moment at which that was requested.
   */
  readonly oldestPendingAt: number | undefined
  /** When the last run of each schedule finished; without schedules that have never run. */
  readonly runsFinishedAt: ReadonlyMap<string, number>
}

/** Without `sent`, `empty` and `released`: their rows only pile up, and the meter counts them as they happen. */
export type CountedDigests = Extract<DigestState, 'pending' | 'failed'>
export type CountedReleases = Exclude<ReleaseState, 'released'>

/** The highest count that is shown: counting further would cost more than it is worth. */
export const MAX_COUNT = 100_000

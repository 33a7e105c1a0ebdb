import { DAY } from '../../ground/durations.ts'

/** How many there are of a kind, and some of them. */
export interface Group<Line> {
  readonly count: number
  readonly lines: readonly Line[]
}

/** How long what has failed is news, in milliseconds: seven days. */
export const FAILURES_SHOWN_FOR = 7 * DAY

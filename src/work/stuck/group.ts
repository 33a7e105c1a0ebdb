import { DAY } from '../../ground/durations.ts'

/** How many lines there are of a kind, and some of them. */
export interface Group<Line> {
  readonly count: number
  readonly lines: readonly Line[]
}

/** For how long a failure is shown. */
export const FAILURES_SHOWN_FOR = 7 * DAY

import { DAY } from '../../ground/durations.ts'

/** The number of rows in a group, and some of them as lines. */
export interface Group<Line> {
  readonly count: number
  readonly lines: readonly Line[]
}

/** How long a failure is shown. */
export const FAILURES_SHOWN_FOR = 7 * DAY

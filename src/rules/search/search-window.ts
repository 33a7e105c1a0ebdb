import { DAY } from '../../ground/durations.ts'
import type { Search } from './search.ts'

/** Milliseconds since the epoch: received at or after `from`, and before `to`. */
export interface SearchWindow {
  readonly from: number
  readonly to: number
}

/** The days that a list looks back where a search says nothing else. */
export const DAYS_SEARCHED = 14

/** The time that a search is about. */
export function searchWindow({ after, before }: Search, now: number): SearchWindow {
  // What came this second counts.
  const to = before ?? now + 1000
  return { from: Math.max(0, after ?? to - DAYS_SEARCHED * DAY), to }
}

import { DAY, MINUTE, SECOND } from '../../ground/durations.ts'
import type { Search } from './search.ts'

/** Milliseconds since the epoch: received at or after `from`, and before `to`. */
export interface SearchWindow {
  readonly from: number
  readonly to: number
}

/** The days that a list looks back where a search says nothing else. */
export const DAYS_SEARCHED = 14

/** In milliseconds: PostgreSQL refuses to compare `time_num`, which has 31 bits, with a later second. */
export const LATEST = (2 ** 31 - 1) * SECOND

/** How far the clock of a machine with amavisd may be ahead of ours, in milliseconds. */
const AHEAD = 10 * MINUTE

/** The time that a search is about. */
export function searchWindow({ after, before }: Search, now: number): SearchWindow {
  const from = after ?? (before ?? now) - DAYS_SEARCHED * DAY
  return { from: withinColumn(from), to: withinColumn(before ?? now + AHEAD) }
}

const withinColumn = (time: number): number => Math.max(0, Math.min(LATEST, time))

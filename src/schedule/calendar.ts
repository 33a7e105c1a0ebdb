import type { Reach } from '../admins/reach.ts'
import type { CompileDeps } from '../digest/compile.ts'
import type { StandardSettings } from '../preferences/settings.ts'

export interface CalendarDeps extends CompileDeps {
  readonly standard: StandardSettings
  readonly clock: () => number
}

/** A run to come, with what it would carry if it were made now. */
export interface CalendarRun {
  readonly schedule: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** In whose clocks it is due. */
  readonly timeZones: readonly string[]
  readonly readers: number
  readonly messages: number
}

/** The most runs that a calendar holds. One that holds so many was cut: the later ones are missing. */
export const MOST_RUNS = 500

export const MOST_DAYS = 31

/** @throws CodedError USAGE, for days that are none of 1 to 31 */
export async function calendar(_deps: CalendarDeps, _reach: Reach, _days: number): Promise<CalendarRun[]> {
  return []
}

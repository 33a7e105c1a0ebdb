import { SECOND } from '../durations.ts'

/** Spaces steps evenly, so that a rate is not exceeded. */
export interface Pace {
  /** How long the next step has to wait, in milliseconds; 0 if it may be taken now. */
  pause(): number
  /** Records that a step is taken. */
  step(): void
}

/**
 * @param rate steps a second; undefined for no limit
 * @param clock a monotonic clock, in milliseconds
 */
export function createPace(rate: number | undefined, clock: () => number): Pace {
  if (rate === undefined) return { pause: () => 0, step: () => {} }
  const interval = SECOND / rate
  let next = Number.NEGATIVE_INFINITY
  return {
    pause: () => Math.max(0, next - clock()),
    step: () => {
      next = Math.max(next, clock() - LATENESS) + interval
    },
  }
}

/** How late a timer may be without slowing the pace, in milliseconds. */
const LATENESS = 20

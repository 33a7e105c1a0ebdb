import { SECOND } from '../durations.ts'

/** Says how long the next step has to wait so that no more than so many are taken in a second. */
export interface Pace {
  /** Milliseconds to wait; 0: now. */
  pause(): number
  /** A step is taken. */
  step(): void
}

/**
 * Steps of an even pace.
 *
 * @param rate steps a second; undefined: as many as come
 * @param clock milliseconds that never go back
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

/** Milliseconds by which a timer may be late without making the pace slower. */
const LATENESS = 20

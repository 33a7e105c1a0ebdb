/** A clock that a test sets. */
export interface ManualClock {
  now: number
  /** The clock to pass to the program. */
  readonly clock: () => number
}

/** Wednesday, 11 March 2026, 05:00 UTC. */
export const NOW = Date.UTC(2026, 2, 11, 5)

export function manualClock(now = NOW): ManualClock {
  const manual = { now, clock: () => manual.now }
  return manual
}

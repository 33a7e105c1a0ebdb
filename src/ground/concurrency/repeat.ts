import { setTimeout } from 'node:timers/promises'
import { SECOND } from '../durations.ts'

/** A piece of work that is done again and again, never twice at once. */
export interface Repeated {
  /** Does the work as soon as possible, without waiting for its time. */
  wake(): void
  /** Resolves once the signal is aborted and the running work has finished. */
  readonly ended: Promise<void>
}

/**
 * Does `work` now, and again whenever `every` milliseconds have passed or somebody wakes it. A failure is reported, and
 * the work is done again at its next time, or after a quarter of a minute if that is earlier.
 *
 * @param every a function is asked anew after each time
 */
export function repeat(
  work: () => Promise<void>,
  every: number | (() => number),
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
  wait: Wait = waitFor,
): Repeated {
  let alarm = new AbortController()
  // A signal made of both for each wait would be 2 kB that only a whole collection removes.
  signal.addEventListener('abort', () => alarm.abort(), { once: true })
  const loop = async () => {
    while (!signal.aborted) {
      alarm = new AbortController()
      let longest = Number.POSITIVE_INFINITY
      await work().catch(error => {
        longest = AFTER_FAILURE
        onFailure(error)
      })
      const pause = typeof every === 'number' ? every : every()
      if (!signal.aborted) await wait(Math.min(pause, longest), alarm.signal)
    }
  }
  return { wake: () => alarm.abort(), ended: loop() }
}

/** Waits for a number of milliseconds, or until the signal is aborted. */
export type Wait = (span: number, signal: AbortSignal) => Promise<void>

/** Milliseconds. */
const AFTER_FAILURE = 15 * SECOND

const waitFor: Wait = (span, signal) => setTimeout(span, undefined, { signal }).catch(() => undefined)

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
 * @param wait waits for a number of milliseconds, or until its signal is aborted
 */
export function repeat(
  work: () => Promise<void>,
  every: number,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
  wait = waitFor,
): Repeated {
  let alarm = new AbortController()
  // A signal made of both for each wait would be 2 kB that only a whole collection removes.
  signal.addEventListener('abort', () => alarm.abort(), { once: true })
  const loop = async () => {
    while (!signal.aborted) {
      alarm = new AbortController()
      let pause = every
      await work().catch(error => {
        pause = Math.min(every, AFTER_FAILURE)
        onFailure(error)
      })
      if (!signal.aborted) await wait(pause, alarm.signal)
    }
  }
  return { wake: () => alarm.abort(), ended: loop() }
}

/** Milliseconds. */
const AFTER_FAILURE = 15 * SECOND

const waitFor = (span: number, signal: AbortSignal): Promise<void> =>
  setTimeout(span, undefined, { signal }).catch(() => undefined)

import { setTimeout as wait } from 'node:timers/promises'

/** A piece of work that is done again and again, never twice at once. */
export interface Repeated {
  /** Does it as soon as possible, without waiting for its time. */
  wake(): void
  /** Ends when the signal is aborted and the work in hand is finished. */
  readonly ended: Promise<void>
}

/**
 * Does `work` now, and again each time that `every` milliseconds have passed or somebody wakes it. A failure is
 * reported and the work goes on at its next time.
 */
export function repeat(
  work: () => Promise<void>,
  every: number,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Repeated {
  let alarm = new AbortController()
  const loop = async () => {
    while (!signal.aborted) {
      alarm = new AbortController()
      await work().catch(onFailure)
      await wait(every, undefined, { signal: AbortSignal.any([signal, alarm.signal]) }).catch(() => undefined)
    }
  }
  return { wake: () => alarm.abort(), ended: loop() }
}

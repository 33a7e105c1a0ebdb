import { setTimeout as wait } from 'node:timers/promises'

/**
 * Looks until something is found, or the time is over, or the signal is aborted. It looks at least once.
 *
 * @param patience milliseconds
 */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  patience: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const end = performance.now() + patience
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() >= end || signal.aborted) return found
    await wait(Math.min(EVERY, Math.max(0, end - performance.now())), undefined, { signal }).catch(
      () => undefined,
    )
  }
}

const EVERY = 250

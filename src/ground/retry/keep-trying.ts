import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'

/**
 * Repeats `work` until it succeeds. It records something that has already happened, and the database may be down for a
 * moment.
 *
 * @param onFailure called for each attempt that fails
 * @throws the last failure, after 35 s
 */
export async function keepTrying<T>(
  work: () => Promise<T>,
  onFailure: (error: unknown) => void = () => {},
): Promise<T> {
  const end = performance.now() + TIME_LIMIT
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, MAX_PAUSE)) {
    try {
      return await work()
    } catch (error) {
      onFailure(error)
      if (performance.now() + pause > end) throw error
      await wait(pause)
    }
  }
}

/** A little less than the default of shutdown.grace. */
const TIME_LIMIT = 35 * SECOND
const FIRST_PAUSE = 50
const MAX_PAUSE = 500

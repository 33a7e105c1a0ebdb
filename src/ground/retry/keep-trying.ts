import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'

/**
 * Does what must not be left undone although a database is away for a moment: writes down what has happened already.
 *
 * @throws the last failure, after so long that somebody else has to see to it
 */
export async function keepTrying<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await work()
    } catch (error) {
      if (performance.now() + pause > end) throw error
      await wait(pause)
    }
  }
}

/** A little less than shutdown.grace. */
const LONGEST = 35 * SECOND
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 500

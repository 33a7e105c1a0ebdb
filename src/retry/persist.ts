import { setTimeout as wait } from 'node:timers/promises'

/**
 * Does what must not be left undone although a database is away for a moment: writes down what has happened already.
 *
 * @throws the last failure, after so long that somebody else has to see to it
 */
export async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let pause = FIRST_PAUSE, waited = 0; ; waited += pause, pause *= 2) {
    try {
      return await work()
    } catch (error) {
      if (waited + pause > LONGEST) throw error
      await wait(pause)
    }
  }
}

/** Milliseconds. */
const FIRST_PAUSE = 100
const LONGEST = 30_000

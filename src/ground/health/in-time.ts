import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'
import { CodedError, type ErrorCode } from '../errors.ts'

/**
 * Whoever asks how the program is does not wait for what is frozen.
 *
 * @throws CodedError with `late` when the work takes too long; it goes on unheard
 */
export async function inTime<T>(work: Promise<T>, late: ErrorCode = 'DATABASE_UNREACHABLE'): Promise<T> {
  const limit = new AbortController()
  const tooLate = wait(LONGEST_WAIT, undefined, { ref: false, signal: limit.signal }).then(() => {
    throw new CodedError(late, 'no answer in time')
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    tooLate.catch(() => undefined)
    limit.abort()
  }
}

const LONGEST_WAIT = 3 * SECOND

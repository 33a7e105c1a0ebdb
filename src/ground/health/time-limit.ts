import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'
import { CodedError, type ErrorCode } from '../errors.ts'

/**
 * Waits for at most three seconds, so that a health check or a scrape does not hang on a part that does.
 *
 * @throws CodedError with `codeIfLate` when the work takes too long; it goes on, but its result is ignored
 */
export async function withTimeLimit<T>(
  work: Promise<T>,
  codeIfLate: ErrorCode = 'DATABASE_UNREACHABLE',
): Promise<T> {
  const done = new AbortController()
  const tooLate = wait(TIME_LIMIT, undefined, { ref: false, signal: done.signal }).then(() => {
    throw new CodedError(codeIfLate, 'no answer in time')
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    tooLate.catch(() => undefined)
    done.abort()
  }
}

/** Milliseconds. */
export const TIME_LIMIT = 3 * SECOND

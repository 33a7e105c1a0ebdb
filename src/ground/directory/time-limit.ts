import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import type { Directory } from './directory.ts'

/**
 * A directory that answers within a time, or fails: DIRECTORY_UNREACHABLE. An answer that comes later is ignored.
 *
 * @param limit milliseconds
 */
export function withTimeLimit(directory: Directory, limit: number): Directory {
  return {
    async find(addresses) {
      const done = new AbortController()
      const tooLate = wait(limit, undefined, { ref: false, signal: done.signal }).then(() => {
        throw new CodedError(
          'DIRECTORY_UNREACHABLE',
          `The directory gave no answer within ${limit / SECOND} s (directory.timeout).`,
        )
      })
      try {
        return await Promise.race([directory.find(addresses), tooLate])
      } finally {
        tooLate.catch(() => undefined)
        done.abort()
      }
    },
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import { displayText } from '../display/text.ts'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/**
 * Asks the place where the lists are. Whatever goes wrong there becomes an error of the lists; so does no answer.
 *
 * @param limit milliseconds
 * @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED
 */
export async function sendersAnswer<Result>(limit: number, work: () => Promise<Result>): Promise<Result> {
  const done = new AbortController()
  const tooLate = wait(limit, undefined, { ref: false, signal: done.signal }).then(() => {
    throw new CodedError(
      'SENDERS_UNREACHABLE',
      `Where the allow and block lists are, nobody answered within ${limit / SECOND} s (senders.timeout).`,
    )
  })
  try {
    return await Promise.race([work(), tooLate])
  } catch (error) {
    throw sendersError(error)
  } finally {
    tooLate.catch(() => undefined)
    done.abort()
  }
}

function sendersError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (!(error instanceof CodedError)) {
    const message = `senders database: ${displayText(error.message, MAX_MESSAGE)}`
    return new CodedError('SENDERS_REFUSED', message, { cause: error })
  }
  if (!/^(?:DATABASE_|TABLE_MISSING)/.test(error.code)) return error
  const code = UNREACHABLE.has(error.code) ? 'SENDERS_UNREACHABLE' : 'SENDERS_REFUSED'
  const next =
    error.code === 'TABLE_MISSING'
      ? ' Does senders.url name the database in which amavisd looks lists up?'
      : ''
  return new CodedError(code, error.message + next, { cause: error })
}

/** A server that takes no changes may take some again once the primary is back. */
const UNREACHABLE: ReadonlySet<string> = new Set(['DATABASE_UNREACHABLE', 'DATABASE_READ_ONLY'])

/** Graphemes. A database quotes as much of a statement as it likes. */
const MAX_MESSAGE = 300

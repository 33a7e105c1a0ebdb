import { displayText } from '../display/text.ts'
import { CodedError } from '../errors.ts'

/**
 * Works on lists that are in a database. Whatever goes wrong becomes an error of the lists.
 *
 * @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED
 */
export async function sendersInDatabase<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw ofLists(error)
  }
}

function ofLists(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (!(error instanceof CodedError)) {
    const message = `senders.url: the database answers: ${displayText(error.message, MAX_MESSAGE)}`
    return new CodedError('SENDERS_REFUSED', message, { cause: error })
  }
  if (error.code.startsWith('SENDER')) return error
  const code = AWAY.has(error.code) ? 'SENDERS_UNREACHABLE' : 'SENDERS_REFUSED'
  return new CodedError(code, error.message, { cause: error })
}

/** A server that takes no changes now is taken for one that another has replaced. */
const AWAY: ReadonlySet<string> = new Set(['DATABASE_UNREACHABLE', 'DATABASE_READ_ONLY'])

/** Graphemes. A database quotes as much of a statement as it likes. */
const MAX_MESSAGE = 300

import { displayText } from '../display/text.ts'
import { CodedError } from '../errors.ts'

/**
 * Asks a directory that is a database. Whatever goes wrong becomes an error of the directory.
 *
 * @param asked what to call a statement that does not fit the database, such as the option that it comes from
 * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED
 */
export async function databaseAnswer<Result>(
  asked: string,
  work: () => PromiseLike<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw directoryError(asked, error)
  }
}

function directoryError(asked: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof CodedError && error.code === 'DATABASE_READ_ONLY') {
    // We have asked for it: see `isReadOnly` in `OpenOptions`.
    const message = `${asked}: a directory is only read, and this changes something`
    return new CodedError('DIRECTORY_REFUSED', message, { cause: error })
  }
  if (!(error instanceof CodedError)) {
    const message = `${asked}: the database answers: ${displayText(error.message, MAX_MESSAGE)}`
    return new QuestionRefused(message, { cause: error })
  }
  if (error.code === 'TABLE_MISSING')
    return new CodedError('DIRECTORY_REFUSED', `${asked}: ${error.message}`, { cause: error })
  const code = error.code === 'DATABASE_UNREACHABLE' ? 'DIRECTORY_UNREACHABLE' : 'DIRECTORY_REFUSED'
  return new CodedError(code, error.message, { cause: error })
}

/**
 * DIRECTORY_REFUSED of a question that may be refused because of one of its addresses. Other refusals, such as that of
 * the sign-in, concern every question: asking again at once could lock an account.
 */
export class QuestionRefused extends CodedError {
  constructor(message: string, options?: ErrorOptions) {
    super('DIRECTORY_REFUSED', message, options)
  }
}

/** Graphemes. A database quotes as much of a statement as it likes. */
const MAX_MESSAGE = 300

import { CodedError, type ErrorCode } from '../../../../../ground/errors.ts'

/**
 * Runs `work`, and gives the same answer for an unknown id and for one that the caller may not see.
 *
 * @throws CodedError with this code
 */
export async function hideUnreachable<Result>(code: ErrorCode, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CodedError) || !HIDDEN.includes(error.code)) throw error
    throw new CodedError(code, 'Nothing has this id, or it is no longer kept.', { cause: error })
  }
}

const HIDDEN: readonly ErrorCode[] = ['NOTHING_WAITS', 'DIGEST_UNKNOWN']

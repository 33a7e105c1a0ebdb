import { CodedError, type ErrorCode } from '../../../../../ground/errors.ts'

/**
 * Runs `work`, and answers alike for every id that there is not and every id that the caller may not see.
 *
 * @throws CodedError of this code
 */
export async function unreached<Result>(code: ErrorCode, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CodedError) || !HIDDEN.includes(error.code)) throw error
    throw new CodedError(code, 'There is nothing of this id, or it is no longer kept.', { cause: error })
  }
}

const HIDDEN: readonly ErrorCode[] = ['NOTHING_WAITS', 'DIGEST_UNKNOWN']

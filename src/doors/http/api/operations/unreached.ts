import { CodedError, type ErrorCode } from '../../../../ground/errors.ts'

/**
 * One answer to every id that leads to nothing, or to nothing in somebody's reach.
 *
 * @throws CodedError of this code
 */
export async function unreached<Result>(code: ErrorCode, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CodedError) || !HIDDEN.includes(error.code)) throw error
    throw new CodedError(code, 'There is none of this id, or it is not kept any more.', { cause: error })
  }
}

const HIDDEN: readonly ErrorCode[] = ['NOTHING_WAITS', 'DIGEST_UNKNOWN']

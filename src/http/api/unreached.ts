import { CodedError, type ErrorCode } from '../../errors.ts'

/**
 * What is out of somebody's reach is not there for them: an id tells nobody that something exists.
 *
 * @throws CodedError of this code for what is not there, or not for them
 */
export async function unreached<Result>(code: ErrorCode, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CodedError) || !HIDDEN.includes(error.code)) throw error
    throw new CodedError(code, 'There is none of this id, or it is not kept any more.', { cause: error })
  }
}

const HIDDEN: readonly ErrorCode[] = ['OUT_OF_REACH', 'NOTHING_WAITS', 'DIGEST_UNKNOWN']

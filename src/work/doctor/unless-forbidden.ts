import { CodedError } from '../../ground/errors.ts'
import { type Finding, skip } from '../../ground/health/check.ts'
import { withFix } from '../../ground/health/failure.ts'

/** What was read; or, of what the program does its work without, that it was skipped, with the GRANT that is missing. */
export async function unlessForbidden<T>(reading: Promise<T>): Promise<T | Finding> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'DATABASE_GRANT_MISSING') throw error
    const { message, fix } = withFix(error)
    return skip(message, fix)
  }
}

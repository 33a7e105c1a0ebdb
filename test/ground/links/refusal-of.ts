import { CodedError } from '../../../src/ground/errors.ts'

/** The coded error that the work ends with. Throws if it succeeds. */
export function refusalOf(work: () => unknown): CodedError {
  try {
    work()
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('it was not refused')
}

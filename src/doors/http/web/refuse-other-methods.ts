import type { Request, Response } from 'express'
import { CodedError } from '../../../ground/errors.ts'

/** Answers 405 for all other methods. It names the allowed ones, as RFC 9110, 15.5.6 requires. */
export const refuseOtherMethods = (allowed: string) => (_request: Request, response: Response) => {
  response.set('Allow', allowed)
  throw new CodedError('METHOD_UNKNOWN', 'This address answers only GET, and POST if it accepts an action.')
}

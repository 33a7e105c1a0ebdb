import type { Request, Response } from 'express'
import { CodedError } from '../../../ground/errors.ts'

/** RFC 9110, 15.5.6: who is refused for the method is told those that are answered. */
export const others = (allowed: string) => (_request: Request, response: Response) => {
  response.set('Allow', allowed)
  throw new CodedError('METHOD_UNKNOWN', 'This address answers GET, and POST where there is something to do.')
}

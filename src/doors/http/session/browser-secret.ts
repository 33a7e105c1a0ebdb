import type { Request, Response } from 'express'
import { newSecret } from '../../../ground/sign-in/secret.ts'
import type { Cookies } from './cookies.ts'

/** Returns the browser's secret. It is kept, so that several links work in one browser, and it is recognised later. */
export function ensureBrowserSecret(cookies: Cookies, request: Request, response: Response): string {
  const secret = cookies.get(request, 'browser') ?? newSecret()
  cookies.set(response, 'browser', secret)
  return secret
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { CodedError } from '../../../ground/errors.ts'

/** Proves that a form comes from one of our pages. It is bound to a secret that only this browser has. */
export const formToken = (secret: string): string =>
  createHmac('sha256', secret).update('form of the admin page').digest('base64url')

/**
 * Refuses a form sent by another site. Checks its token, and the origin that the browser reports: that is compared with
 * `publicUrl`, never with the request's Host.
 *
 * @throws CodedError FORM_STALE
 */
export function requireOwnForm(
  request: Request,
  form: URLSearchParams,
  { secret, publicUrl }: { readonly secret: string | undefined; readonly publicUrl: string },
): void {
  if (
    secret !== undefined &&
    isOwn(request, publicUrl) &&
    isSame(form.get(FORM_TOKEN) ?? '', formToken(secret))
  )
    return
  throw new CodedError('FORM_STALE', 'The form does not belong to your session. Open the page again.')
}

/** The name of the hidden field. */
const FORM_TOKEN = 'form'

/** Browsers send `Origin: null` from a sandboxed page, and some where a referrer policy withholds the origin. */
function isOwn(request: Request, publicUrl: string): boolean {
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  if (site !== undefined && site !== 'same-origin') return false
  if (origin === undefined || (origin === 'null' && site !== undefined)) return true
  return origin === new URL(publicUrl).origin
}

function isSame(given: string, expected: string): boolean {
  const [givenBytes, expectedBytes] = [Buffer.from(given), Buffer.from(expected)]
  return givenBytes.length === expectedBytes.length && timingSafeEqual(givenBytes, expectedBytes)
}

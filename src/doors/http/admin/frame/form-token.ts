import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { CodedError } from '../../../../ground/errors.ts'

/** What a form carries to prove that it stands on a page of ours: bound to a secret that only this browser has. */
export const formToken = (secret: string): string =>
  createHmac('sha256', secret).update('form of the admin page').digest('base64url')

/**
 * Refuses a form that another site has sent, by its token and by what the browser says about where it comes from. That
 * is compared with `publicUrl`, never with the request's Host.
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

/** Browsers say Origin: null where a page is sandboxed, and some where a policy asks them to be silent. */
function isOwn(request: Request, publicUrl: string): boolean {
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  if (site !== undefined && site !== 'same-origin') return false
  if (origin === undefined || (origin === 'null' && site !== undefined)) return true
  return origin === new URL(publicUrl).origin
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

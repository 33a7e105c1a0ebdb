import type { RequestHandler, Response } from 'express'
import type { RedirectMethod } from '../../../ground/sign-in/methods.ts'
import { queryOf } from '../web/request-url.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import {
  enter,
  FAULT_STATUS,
  refuse,
  type SignInDoor,
  type SignInFault,
  signInView,
  strangerFault,
} from './sign-in-door.ts'

/** GET …/sign-in/oidc: sends the browser to the provider. */
export const beginRedirect =
  (door: SignInDoor, method: RedirectMethod): RequestHandler =>
  async (request, response) => {
    ensureBrowserSecret(door.cookies, request, response)
    const { url, kept } = await method.begin(doneUrl(door), signalFor(response))
    door.cookies.set(response, 'provider', kept)
    response.redirect(303, url)
  }

/**
 * GET …/sign-in/oidc/done: the provider has sent the browser back. The browser comes from another site, and would not
 * send its new session to where it is redirected to: so a page leads on.
 */
export const finishRedirect =
  (door: SignInDoor, method: RedirectMethod): RequestHandler =>
  async (request, response) => {
    const { cookies, signIns } = door
    const kept = cookies.get(request, 'provider')
    cookies.clear(response, 'provider')
    const current = new URL(doneUrl(door))
    current.search = queryOf(request).toString()
    const verdict = await method.finish(current, kept, signalFor(response))
    const browser = ensureBrowserSecret(cookies, request, response)
    const again = (fault: SignInFault) =>
      door.show(request, response, signInView(door, browser, { fault }), FAULT_STATUS[fault])
    if (verdict.outcome === 'away' || verdict.outcome === 'unsupported') {
      door.log.warn({ kind: door.kind, why: verdict.why }, 'a provider signs nobody in')
      return again(verdict.outcome === 'away' ? 'unreachable' : strangerFault(door))
    }
    if (verdict.outcome === 'refused') {
      refuse(door, request, 'sign-in', 'SIGN_IN_FAILED')
      return again('provider')
    }
    const person = await signIns.vouchedFor(verdict.addresses)
    if (!person) return again(strangerFault(door))
    const from = { session: cookies.get(request, 'session'), remoteAddress: request.ip ?? '' }
    const session = await signIns.signInBy(person, method.kind, from)
    const goOn = door.basePath + enter(door, request, response, session)
    response.set('Refresh', `0; url=${goOn}`)
    door.show(request, response, signInView(door, browser, { again: goOn }), 200)
  }

const doneUrl = ({ publicUrl, linkPath }: SignInDoor): string => `${publicUrl}${linkPath}/oidc/done`

/** Nobody waits for the provider any more once the browser has gone. */
function signalFor(response: Response): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}

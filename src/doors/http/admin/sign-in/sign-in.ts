import type { Request, RequestHandler, Response } from 'express'
import type { Refusals } from '../../../../ground/audit/refusals.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { newSecret } from '../../../../ground/sign-in/secret.ts'
import type { SignIns } from '../../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import { fieldsOf } from '../../web/form.ts'
import { formToken, requireOwnForm } from '../frame/form-token.ts'
import { findAdminSession, type GuardDeps } from '../frame/guard.ts'
import { ownPath } from '../frame/own-path.ts'
import { type AdminHandler, goTo, queryOf, show } from '../frame/visit.ts'

export interface SignInRouteDeps extends GuardDeps {
  readonly signIns: SignIns<Admin>
  readonly refusals: Pick<Refusals, 'add'>
}

/** GET /admin/sign-in: asks for an address. `?back=PATH` is where the browser goes after the sign-in. */
export const showSignIn =
  (deps: SignInRouteDeps): RequestHandler =>
  async (request, response) => {
    const back = ownPath(queryOf(request).get('back') ?? '', deps.basePath)
    if (await findAdminSession(deps, request)) return goTo(deps, response, back ?? '/admin')
    const secret = ensureBrowserSecret(deps, request, response)
    if (back === undefined) deps.cookies.clear(response, 'back')
    else deps.cookies.set(response, 'back', back)
    // A visitor from another site may be signed in: the session cookie is not sent then.
    const again = request.headers['sec-fetch-site'] === 'cross-site' ? (back ?? '/admin') : undefined
    const model = () => ({ again: again && deps.basePath + again })
    show(deps, request, response, { page: 'sign-in', model, formToken: formToken(secret) }, 200)
  }

/** Accepts only the form of our own page, from this browser. Runs before the limits count anything. */
export const requireSignInForm =
  ({ cookies, publicUrl }: SignInRouteDeps): RequestHandler =>
  async (request, _response, next) => {
    requireOwnForm(request, await fieldsOf(request), { secret: cookies.get(request, 'browser'), publicUrl })
    next()
  }

/** POST /admin/sign-in: everybody gets the same answer in the same time. */
export const postSignIn =
  (deps: SignInRouteDeps): RequestHandler =>
  async (request, response) => {
    const form = await fieldsOf(request)
    const browser = deps.cookies.get(request, 'browser')
    if (response.locals.tooMany === true) {
      refuse(deps, request, 'sign-in-link', 'TOO_MANY_REQUESTS')
    } else if (browser !== undefined) {
      deps.signIns.askForLink({
        address: (form.get('address') ?? '').slice(0, LONGEST_ADDRESS),
        browser,
        remoteAddress: request.ip ?? '',
        languages: request.acceptsLanguages(),
      })
    }
    ensureBrowserSecret(deps, request, response)
    goTo(deps, response, '/admin/sign-in/sent')
  }

/** GET /admin/sign-in/sent: explains what happens next. */
export const showSent =
  (deps: SignInRouteDeps): RequestHandler =>
  (request, response) =>
    show(deps, request, response, { page: 'sign-in-sent' }, 200)

/** GET /admin/sign-in/TOKEN, the link in the mail: shows a button, so that a link scanner does not use up the link. */
export const showLink =
  (deps: SignInRouteDeps): RequestHandler =>
  async (request, response) => {
    // A link that was printed on the command line is opened in a browser that has never been here.
    const browser = deps.cookies.get(request, 'browser') ?? newSecret()
    await deps.signIns
      .openLink(String(request.params.token), browser)
      .catch((error: unknown) => recordFailure(deps, request, error))
    deps.cookies.set(response, 'browser', browser)
    show(deps, request, response, { page: 'sign-in-link', formToken: formToken(browser) }, 200)
  }

/** POST /admin/sign-in/TOKEN: signs in under a new session id, which nobody can have known before. */
export const postLink =
  (deps: SignInRouteDeps): RequestHandler =>
  async (request, response) => {
    const { cookies, publicUrl } = deps
    const browser = cookies.get(request, 'browser')
    requireOwnForm(request, await fieldsOf(request), { secret: browser, publicUrl })
    const from = { session: cookies.get(request, 'session'), remoteAddress: request.ip ?? '' }
    const session = await deps.signIns
      .signIn(String(request.params.token), browser ?? '', from)
      .catch((error: unknown) => recordFailure(deps, request, error))
    const back = ownPath(cookies.get(request, 'back') ?? '', '')
    cookies.set(response, 'session', session)
    ensureBrowserSecret(deps, request, response)
    cookies.clear(response, 'back')
    goTo(deps, response, back ?? '/admin')
  }

/** POST /admin/sign-out: `everywhere=yes` ends the sessions on all devices. */
export const signOut =
  (deps: SignInRouteDeps): AdminHandler =>
  async ({ request, response, admin, form, goTo }) => {
    const remoteAddress = request.ip ?? ''
    if (form.get('everywhere') === 'yes') await deps.signIns.signOutEverywhere(admin, remoteAddress)
    else await deps.signIns.signOut(deps.cookies.get(request, 'session') ?? '', admin, remoteAddress)
    deps.cookies.clear(response, 'session')
    goTo('/admin/sign-in')
  }

/**
 * Another site can make a visitor's browser open any link of ours, and would have the visitor banned if that counted. A
 * sign-in itself takes a form of ours.
 */
function recordFailure(deps: SignInRouteDeps, request: Request, error: unknown): never {
  const isFailure = error instanceof CodedError && error.code === 'SIGN_IN_FAILED'
  if (isFailure && request.headers['sec-fetch-site'] !== 'cross-site')
    refuse(deps, request, 'sign-in', error.code)
  throw error
}

const refuse = (
  { refusals }: SignInRouteDeps,
  { ip }: Request,
  what: 'sign-in' | 'sign-in-link',
  outcome: string,
): void => refusals.add({ what, kind: 'admin', outcome, remoteAddress: ip ?? null })

/** Far longer than any address. */
const LONGEST_ADDRESS = 1000

/** Returns the browser's secret. It is kept, so that several links work in one browser, and it is recognised later. */
function ensureBrowserSecret({ cookies }: SignInRouteDeps, request: Request, response: Response): string {
  const secret = cookies.get(request, 'browser') ?? newSecret()
  cookies.set(response, 'browser', secret)
  return secret
}

import type { Request, RequestHandler, Response } from 'express'
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
    if (browser !== undefined && response.locals.tooMany !== true) {
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
    const browser = deps.cookies.get(request, 'browser') ?? ''
    await deps.signIns.openLink(String(request.params.token), browser)
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
    const session = await deps.signIns.signIn(String(request.params.token), browser ?? '', from)
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

/** Far longer than any address. */
const LONGEST_ADDRESS = 1000

/** Returns the browser's secret. It is kept, so that several links work in one browser, and it is recognised later. */
function ensureBrowserSecret({ cookies }: SignInRouteDeps, request: Request, response: Response): string {
  const secret = cookies.get(request, 'browser') ?? newSecret()
  cookies.set(response, 'browser', secret)
  return secret
}

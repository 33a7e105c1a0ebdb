import type { Request, RequestHandler, Response } from 'express'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { SignedIn } from '../../../ground/sign-in/people.ts'
import { newSecret } from '../../../ground/sign-in/secret.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { SignInKind } from '../../../ground/state/state-tables.ts'
import { fieldsOf } from '../web/form.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import { formToken, requireOwnForm } from './form-token.ts'
import { findSession, type SessionDoor } from './guard.ts'
import { ownPath } from './own-path.ts'
import { goTo, queryOf } from './redirect.ts'

/** The pages on which people of one kind sign in. */
export interface SignInDoor<Person extends SignedIn = SignedIn> extends SessionDoor<Person> {
  readonly signIns: SignIns<Person>
  readonly kind: SignInKind
  /** Below it are the pages of the links in mails, and the one that says that a link was sent. */
  readonly linkPath: '/admin/sign-in' | '/sign-in'
  readonly refusals: Pick<Refusals, 'add'>
  readonly show: (request: Request, response: Response, view: SignInView, status: number) => void
}

/** A page before the sign-in, in the frame of either kind. */
export interface SignInView {
  readonly page: 'sign-in' | 'sign-in-sent' | 'sign-in-link' | 'sign-in-done'
  readonly model?: () => object
  readonly formToken?: string
}

/** GET the page to sign in on: asks for an address. `?back=PATH` is where the browser goes after the sign-in. */
export const showSignIn =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    const back = ownPath(queryOf(request).get('back') ?? '', door.home, door.basePath)
    if (await findSession(door, request)) return goTo(door, response, back ?? door.home)
    const secret = ensureBrowserSecret(door.cookies, request, response)
    if (back === undefined) door.cookies.clear(response, 'back')
    else door.cookies.set(response, 'back', back)
    // A visitor from another site may be signed in: the session cookie is not sent then.
    const again = request.headers['sec-fetch-site'] === 'cross-site' ? (back ?? door.home) : undefined
    const model = () => ({ again: again && door.basePath + again })
    door.show(request, response, { page: 'sign-in', model, formToken: formToken(secret) }, 200)
  }

/** Accepts only the form of our own page, from this browser. Runs before the limits count anything. */
export const requireSignInForm =
  ({ cookies, publicUrl }: SignInDoor): RequestHandler =>
  async (request, _response, next) => {
    requireOwnForm(request, await fieldsOf(request), { secret: cookies.get(request, 'browser'), publicUrl })
    next()
  }

/** POST the page to sign in on: everybody gets the same answer in the same time. */
export const postSignIn =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    const form = await fieldsOf(request)
    const browser = door.cookies.get(request, 'browser')
    if (response.locals.tooMany === true) {
      refuse(door, request, 'sign-in-link', 'TOO_MANY_REQUESTS')
    } else if (browser !== undefined) {
      door.signIns.askForLink({
        address: (form.get('address') ?? '').slice(0, LONGEST_ADDRESS),
        browser,
        remoteAddress: request.ip ?? '',
        languages: request.acceptsLanguages(),
      })
    }
    ensureBrowserSecret(door.cookies, request, response)
    goTo(door, response, `${door.linkPath}/sent`)
  }

/** GET …/sign-in/sent: explains what happens next. */
export const showSent =
  (door: SignInDoor): RequestHandler =>
  (request, response) =>
    door.show(request, response, { page: 'sign-in-sent' }, 200)

/** GET …/sign-in/TOKEN, the link in the mail: shows a button, so that a link scanner does not use up the link. */
export const showLink =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    // A link that was printed on the command line is opened in a browser that has never been here.
    const browser = door.cookies.get(request, 'browser') ?? newSecret()
    await door.signIns
      .openLink(String(request.params.token), browser)
      .catch((error: unknown) => recordFailure(door, request, error))
    door.cookies.set(response, 'browser', browser)
    door.show(request, response, { page: 'sign-in-link', formToken: formToken(browser) }, 200)
  }

/** POST …/sign-in/TOKEN: signs in under a new session id, which nobody can have known before. */
export const postLink =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    const { cookies, publicUrl } = door
    const browser = cookies.get(request, 'browser')
    requireOwnForm(request, await fieldsOf(request), { secret: browser, publicUrl })
    const from = { session: cookies.get(request, 'session'), remoteAddress: request.ip ?? '' }
    const session = await door.signIns
      .signIn(String(request.params.token), browser ?? '', from)
      .catch((error: unknown) => recordFailure(door, request, error))
    enterWith(door, request, response, session)
  }

/** Ends a session. `everywhere`: also those of the same person on all other devices. */
export async function signOut<Person extends SignedIn>(
  door: SignInDoor<Person>,
  { request, response, person }: SessionRequest<Person>,
  { everywhere }: { readonly everywhere: boolean },
): Promise<void> {
  const remoteAddress = request.ip ?? ''
  if (everywhere) await door.signIns.signOutEverywhere(person, remoteAddress)
  else await door.signIns.signOut(door.cookies.get(request, 'session') ?? '', person, remoteAddress)
  door.cookies.clear(response, 'session')
  goTo(door, response, door.signInPath)
}

export interface SessionRequest<Person extends SignedIn> {
  readonly request: Request
  readonly response: Response
  readonly person: Person
}

/** Gives the browser its new session, and sends it to the page that it came for. */
function enterWith(door: SignInDoor, request: Request, response: Response, session: string): void {
  const { cookies } = door
  const back = ownPath(cookies.get(request, 'back') ?? '', door.home, '')
  cookies.set(response, 'session', session)
  ensureBrowserSecret(cookies, request, response)
  cookies.clear(response, 'back')
  goTo(door, response, back ?? door.home)
}

/**
 * Another site can make a visitor's browser open any link of ours, and would have the visitor banned if that counted. A
 * sign-in itself takes a form of ours.
 */
function recordFailure(door: SignInDoor, request: Request, error: unknown): never {
  const isFailure = error instanceof CodedError && error.code === 'SIGN_IN_FAILED'
  if (isFailure && request.headers['sec-fetch-site'] !== 'cross-site')
    refuse(door, request, 'sign-in', error.code)
  throw error
}

const refuse = (
  { refusals, kind }: SignInDoor,
  { ip }: Request,
  what: 'sign-in' | 'sign-in-link',
  outcome: string,
): void => refusals.add({ what, kind, outcome, remoteAddress: ip ?? null })

/** Far longer than any address. */
const LONGEST_ADDRESS = 1000

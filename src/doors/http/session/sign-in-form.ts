import type { Request, RequestHandler, Response } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import type { Passwords } from '../../../ground/sign-in/passwords.ts'
import { fieldsOf } from '../web/form.ts'
import { queryOf } from '../web/request-url.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import { requireOwnForm } from './form-token.ts'
import { findSession } from './guard.ts'
import { ownPath } from './own-path.ts'
import { goTo } from './redirect.ts'
import {
  enter,
  FAULT_STATUS,
  refuse,
  type SignInDoor,
  type SignInFault,
  signInView,
  strangerFault,
} from './sign-in-door.ts'

/** GET the page to sign in on: asks for an address. `?back=PATH` is where the browser goes after the sign-in. */
export const showSignIn =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    const back = ownPath(queryOf(request).get('back') ?? '', door.home, door.basePath)
    if (await findSession(door, request, response)) return goTo(door, response, back ?? door.home)
    const secret = ensureBrowserSecret(door.cookies, request, response)
    if (back === undefined) door.cookies.clear(response, 'back')
    else door.cookies.set(response, 'back', back)
    // A visitor from another site may be signed in: the session cookie is not sent then.
    const again = request.headers['sec-fetch-site'] === 'cross-site' ? (back ?? door.home) : undefined
    const asked = { again: again && door.basePath + again }
    door.show(request, response, signInView(door, secret, asked), 200)
  }

/** Accepts only the form of our own page, from this browser. Runs before the limits count anything. */
export const requireSignInForm =
  ({ cookies, publicUrl }: SignInDoor): RequestHandler =>
  async (request, _response, next) => {
    requireOwnForm(request, await fieldsOf(request), { secret: cookies.get(request, 'browser'), publicUrl })
    next()
  }

/** POST the page to sign in on: asks for a link, or for a session by a password. */
export const postSignIn =
  (door: SignInDoor): RequestHandler =>
  async (request, response) => {
    const form = await fieldsOf(request)
    const passwords = asksByPassword(door, form)
    if (passwords) await postPassword(door, passwords, request, response, form)
    else if (door.ways.link) sendLink(door, request, response, form)
    // Links were switched off while the page was open.
    else throw new CodedError('FORM_STALE', 'No links are mailed here any more. Open the page again.')
  }

/** What checks the password of a form; undefined for a form that asks for a link. */
const asksByPassword = ({ ways }: SignInDoor, form: URLSearchParams): Passwords | undefined =>
  form.get('by') === 'password' ? ways.passwords : undefined

/** Whether a form asks for a link. Passwords have limits of their own, which know whose they are. */
export const asksForLink = async (door: SignInDoor, request: Request): Promise<boolean> =>
  asksByPassword(door, await fieldsOf(request)) === undefined

/** Everybody gets the same answer in the same time. */
function sendLink(door: SignInDoor, request: Request, response: Response, form: URLSearchParams): void {
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

/** Signs in, or shows the form again and says what was wrong. */
async function postPassword(
  door: SignInDoor,
  passwords: Passwords,
  request: Request,
  response: Response,
  form: URLSearchParams,
): Promise<void> {
  const browser = ensureBrowserSecret(door.cookies, request, response)
  const name = (form.get('address') ?? '').slice(0, LONGEST_ADDRESS)
  const password = form.get('password') ?? ''
  const again = (fault: SignInFault) =>
    door.show(request, response, signInView(door, browser, { fault, name }), FAULT_STATUS[fault])
  if (password === '') return again('noPassword')
  const answer = await passwords.check({
    kind: door.kind,
    name,
    password,
    browser,
    remoteAddress: request.ip ?? '',
  })
  if (answer.is !== 'accepted') {
    if (answer.is !== 'unreachable') refuse(door, request, 'sign-in', REFUSED[answer.is])
    return again(FAULT_OF[answer.is])
  }
  const person = await door.signIns.vouchedFor(answer.addresses)
  if (!person) return again(strangerFault(door))
  const session = door.cookies.get(request, 'session')
  const from = { session, remoteAddress: request.ip ?? '' }
  const id = await door.signIns.signInBy(person, answer.by, from)
  goTo(door, response, enter(door, request, response, id))
}

const FAULT_OF = { refused: 'refused', unreachable: 'unreachable', 'too-many': 'tooMany' } as const

const REFUSED = { refused: 'SIGN_IN_FAILED', 'too-many': 'TOO_MANY_REQUESTS' } as const

/** Far longer than any address. */
const LONGEST_ADDRESS = 1000

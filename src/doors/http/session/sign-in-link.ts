import type { Request, RequestHandler } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import { newSecret } from '../../../ground/sign-in/secret.ts'
import { fieldsOf } from '../web/form.ts'
import { formToken, requireOwnForm } from './form-token.ts'
import { goTo } from './redirect.ts'
import { enter, refuse, type SignInDoor } from './sign-in-door.ts'

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
    goTo(door, response, enter(door, request, response, session))
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

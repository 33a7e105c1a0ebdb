import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import { httpStatusOf } from '../../../ground/errors.ts'
import type { RedirectMethod } from '../../../ground/sign-in/methods.ts'
import type { Passwords } from '../../../ground/sign-in/passwords.ts'
import type { SignedIn } from '../../../ground/sign-in/people.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { SignInKind } from '../../../ground/state/state-tables.ts'
import type { Writer } from '../web/writer.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import { formToken } from './form-token.ts'
import type { SessionDoor } from './guard.ts'
import { ownPath } from './own-path.ts'

/** The pages on which people of one kind sign in. */
export interface SignInDoor<Person extends SignedIn = SignedIn> extends SessionDoor<Person> {
  readonly signIns: SignIns<Person>
  readonly kind: SignInKind
  /** Below it are the pages of the links in mails, and the one that says that a link was sent. */
  readonly linkPath: '/admin/sign-in' | '/sign-in'
  readonly refusals: Pick<Refusals, 'add'>
  readonly log: Pick<Logger, 'warn'>
  readonly ways: SignInWays
  readonly show: (request: Request, response: Response, view: SignInView, status: number) => void
}

/** By what people of one kind may sign in. */
export interface SignInWays {
  /** A link that is mailed. */
  readonly link: boolean
  readonly passwords: Passwords | undefined
  readonly redirect: RedirectMethod | undefined
}

/** A page before the sign-in, in the frame of either kind. */
export interface SignInView {
  readonly page: 'sign-in' | 'sign-in-sent' | 'sign-in-link'
  readonly model?: (writer: Writer) => object
  readonly formToken?: string
}

/** The page to sign in on: what is offered, and what was wrong with the last attempt. */
export function signInView(
  { ways, linkPath, basePath }: SignInDoor,
  secret: string,
  asked: { readonly again?: string | undefined; readonly fault?: SignInFault; readonly name?: string },
): SignInView {
  return {
    page: 'sign-in',
    formToken: formToken(secret),
    model: ({ words }) => ({
      again: asked.again,
      fault: asked.fault && words.say(`reader.signIn.fault.${asked.fault}`),
      name: asked.name ?? '',
      link: ways.link,
      password: ways.passwords !== undefined,
      takesAddress: ways.link || ways.passwords !== undefined,
      provider: ways.redirect && {
        url: `${basePath}${linkPath}/oidc`,
        label: words.say('reader.signIn.with', { name: ways.redirect.label }),
      },
    }),
  }
}

/** What was wrong with an attempt to sign in: `reader.signIn.fault` has the words. */
export type SignInFault =
  | 'noPassword'
  | 'refused'
  | 'unreachable'
  | 'tooMany'
  | 'nobody'
  | 'noAdmin'
  | 'provider'

/** The status of the page that says so. */
export const FAULT_STATUS = {
  noPassword: 400,
  refused: 403,
  unreachable: httpStatusOf('SIGN_IN_UNREACHABLE'),
  tooMany: httpStatusOf('TOO_MANY_REQUESTS'),
  nobody: 403,
  noAdmin: 403,
  provider: 403,
} as const satisfies Record<SignInFault, number>

/** Somebody has proved who they are, and it is nobody who may sign in here. */
export const strangerFault = ({ kind }: SignInDoor): SignInFault => (kind === 'admin' ? 'noAdmin' : 'nobody')

/** Gives the browser its new session. @returns the path of the page that it came for */
export function enter(door: SignInDoor, request: Request, response: Response, session: string): string {
  const { cookies } = door
  const back = ownPath(cookies.get(request, 'back') ?? '', door.home, '')
  cookies.set(response, 'session', session)
  ensureBrowserSecret(cookies, request, response)
  cookies.clear(response, 'back')
  return back ?? door.home
}

/** Counts what was refused to a stranger. */
export const refuse = (
  { refusals, kind }: SignInDoor,
  { ip }: Request,
  what: 'sign-in' | 'sign-in-link',
  outcome: string,
): void => refusals.add({ what, kind, outcome, remoteAddress: ip ?? null })

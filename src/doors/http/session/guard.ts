import type { Request, RequestHandler, Response } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import type { SignedIn } from '../../../ground/sign-in/people.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import { fieldsOf } from '../web/form.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import type { Cookies } from './cookies.ts'
import { formToken, requireOwnForm } from './form-token.ts'
import { type ProxyHeader, personByProxy } from './proxy-header.ts'
import { goTo } from './redirect.ts'

/** Somebody who has signed in, as the middleware recognised them. */
export interface Session<Person extends SignedIn> {
  readonly person: Person
  /** Only the browser has it: the id of the session, or the browser's secret if a proxy has signed the person in. */
  readonly id: string
  readonly formToken: string
  /** A reverse proxy says with each request who it is. */
  readonly isByProxy: boolean
}

/** The pages that people of one kind sign in to. */
export interface SessionDoor<Person extends SignedIn> {
  readonly publicUrl: string
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly signIns: Pick<SignIns<Person>, 'personOf' | 'vouchedFor'>
  readonly cookies: Cookies
  /** Undefined if no proxy signs anybody in. */
  readonly proxyHeader: ProxyHeader | undefined
  /** The first of these pages; all others are below its path. */
  readonly home: '/admin' | '/mail'
  /** The page to sign in on. */
  readonly signInPath: '/admin/sign-in' | '/'
}

/**
 * Lets only those through who have signed in. Others who request a page are sent to the sign-in, and back afterwards.
 *
 * @param enter lets the handlers know whose request it is
 */
export const requireSession =
  <Person extends SignedIn>(
    door: SessionDoor<Person>,
    enter: (response: Response, session: Session<Person>) => void,
  ): RequestHandler =>
  async (request, response, next) => {
    const session = await findSession(door, request, response)
    if (session) {
      enter(response, session)
      return next()
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new CodedError('NOT_SIGNED_IN', 'Sign in, then do it again.')
    goTo(door, response, `${door.signInPath}?${new URLSearchParams({ back: request.originalUrl })}`)
  }

/** Accepts only forms from our own pages, made for the sender's session. */
export const requireForm =
  ({
    publicUrl,
    sessionOf,
  }: {
    readonly publicUrl: string
    readonly sessionOf: (response: Response) => Session<SignedIn>
  }): RequestHandler =>
  async (request, response, next) => {
    requireOwnForm(request, await fieldsOf(request), { secret: sessionOf(response).id, publicUrl })
    next()
  }

/** Who sent a request, according to a proxy or to the session cookie, and to what configuration or directory say now. */
export async function findSession<Person extends SignedIn>(
  { signIns, cookies, proxyHeader }: Pick<SessionDoor<Person>, 'signIns' | 'cookies' | 'proxyHeader'>,
  request: Request,
  response: Response,
): Promise<Session<Person> | undefined> {
  const byProxy = await personByProxy(proxyHeader, signIns.vouchedFor, request)
  if (byProxy) {
    const { person } = byProxy
    return person && sessionOf(person, ensureBrowserSecret(cookies, request, response), true)
  }
  const id = cookies.get(request, 'session')
  const person = id === undefined ? undefined : await signIns.personOf(id)
  return id !== undefined && person ? sessionOf(person, id, false) : undefined
}

const sessionOf = <Person extends SignedIn>(
  person: Person,
  id: string,
  isByProxy: boolean,
): Session<Person> => ({
  person,
  id,
  formToken: formToken(id),
  isByProxy,
})

/** Pages differ from person to person, so caches must not share them. `same-origin` keeps `Origin` for us alone. */
export const sessionHeaders: RequestHandler = (_request, response: Response, next) => {
  response.set({ 'Referrer-Policy': 'same-origin' }).vary('Cookie')
  next()
}

import type { Request, RequestHandler, Response } from 'express'
import { CodedError } from '../../../../ground/errors.ts'
import type { SignIns } from '../../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import { fieldsOf } from '../../web/form.ts'
import type { Cookies } from './cookies.ts'
import { formToken, requireOwnForm } from './form-token.ts'
import { type Admitted, admittedOf, goTo, type VisitDeps } from './visit.ts'

export interface GuardDeps extends VisitDeps {
  readonly publicUrl: string
  readonly signIns: Pick<SignIns<Admin>, 'personOf'>
  readonly cookies: Cookies
}

/** Lets only admins through who are signed in; who wants to see a page is sent to the sign-in, and back afterwards. */
export const requireAdmin =
  (deps: GuardDeps): RequestHandler =>
  async (request, response, next) => {
    const admitted = await admittedBy(deps, request)
    if (admitted) {
      response.locals.admitted = admitted
      return next()
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new CodedError('NOT_SIGNED_IN', 'Sign in, then do it again.')
    goTo(deps, response, `/admin/sign-in?${new URLSearchParams({ back: request.originalUrl })}`)
  }

/** Lets only forms through that stand on a page of ours, in the session of whoever sends them. */
export const requireForm =
  ({ publicUrl }: GuardDeps): RequestHandler =>
  async (request, response, next) => {
    const secret = admittedOf(response).session
    requireOwnForm(request, await fieldsOf(request), { secret, publicUrl })
    next()
  }

/** Who has sent a request, by the session's cookie and by what the configuration says now. */
export async function admittedBy(
  { signIns, cookies }: GuardDeps,
  request: Request,
): Promise<Admitted | undefined> {
  const session = cookies.get(request, 'session')
  const admin = session === undefined ? undefined : await signIns.personOf(session)
  return session !== undefined && admin ? { admin, session, formToken: formToken(session) } : undefined
}

/** Answers that differ from admin to admin are kept by nobody; `Origin` is told to us, and to nobody else. */
export const adminHeaders: RequestHandler = (_request, response: Response, next) => {
  response.set({ 'Referrer-Policy': 'same-origin' }).vary('Cookie')
  next()
}

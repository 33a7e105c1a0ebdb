import type { Request, RequestHandler, Response } from 'express'
import { CodedError } from '../../../../ground/errors.ts'
import type { SignIns } from '../../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import { fieldsOf } from '../../web/form.ts'
import type { Cookies } from './cookies.ts'
import { formToken, requireOwnForm } from './form-token.ts'
import { type AdminSession, adminSessionOf, goTo, type VisitDeps } from './visit.ts'

export interface GuardDeps extends VisitDeps {
  readonly publicUrl: string
  readonly signIns: Pick<SignIns<Admin>, 'personOf'>
  readonly cookies: Cookies
}

/** Lets only signed-in admins through. Others who request a page are sent to the sign-in, and back afterwards. */
export const requireAdmin =
  (deps: GuardDeps): RequestHandler =>
  async (request, response, next) => {
    const adminSession = await findAdminSession(deps, request)
    if (adminSession) {
      response.locals.adminSession = adminSession
      return next()
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new CodedError('NOT_SIGNED_IN', 'Sign in, then do it again.')
    goTo(deps, response, `/admin/sign-in?${new URLSearchParams({ back: request.originalUrl })}`)
  }

/** Accepts only forms from our own pages, made for the sender's session. */
export const requireForm =
  ({ publicUrl }: GuardDeps): RequestHandler =>
  async (request, response, next) => {
    const secret = adminSessionOf(response).session
    requireOwnForm(request, await fieldsOf(request), { secret, publicUrl })
    next()
  }

/** The admin who sent a request, according to the session cookie and the current configuration. */
export async function findAdminSession(
  { signIns, cookies }: GuardDeps,
  request: Request,
): Promise<AdminSession | undefined> {
  const session = cookies.get(request, 'session')
  const admin = session === undefined ? undefined : await signIns.personOf(session)
  return session !== undefined && admin ? { admin, session, formToken: formToken(session) } : undefined
}

/** Pages differ from admin to admin, so caches must not share them. `same-origin` keeps `Origin` for us alone. */
export const adminHeaders: RequestHandler = (_request, response: Response, next) => {
  response.set({ 'Referrer-Policy': 'same-origin' }).vary('Cookie')
  next()
}

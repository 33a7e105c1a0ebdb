import type { Request, RequestHandler, Response } from 'express'
import { type Admin, adminViewer } from '../../../../rules/reach/admins.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'
import type { AdminViewer } from '../../../../rules/reach/viewer.ts'
import type { Session } from '../../session/guard.ts'
import { goTo } from '../../session/redirect.ts'
import { fieldsOf } from '../../web/form.ts'
import { queryOf } from '../../web/request-url.ts'
import type { AdminPages, AdminView, Done } from './admin-pages.ts'
import { DONE } from './admin-pages.ts'
import { type Navigation, type NavigationDeps, navigationFor } from './navigation.ts'

/** A request of a signed-in admin. For a POST, the form has been verified as ours. */
export interface Visit {
  readonly request: Request
  readonly response: Response
  readonly admin: Admin
  /** For the use-cases: who acts, and within which domains. */
  readonly editor: Editor
  /** The same, for what is done in the quarantine. */
  readonly viewer: AdminViewer
  readonly query: URLSearchParams
  /** Empty for a GET. */
  readonly form: URLSearchParams
  /** Answers with a page. */
  show(view: AdminView, status?: number): void
  /** Answers a successful POST: redirects to one of our pages (`/admin/schedules`), which says what was done. */
  goTo(path: string, done?: Done): void
}

export type AdminHandler = (visit: Visit) => Promise<void> | void

export interface VisitDeps extends NavigationDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly adminPages: AdminPages
  readonly timeZone: string
  readonly clock: () => number
}

declare global {
  namespace Express {
    interface Locals {
      /** Undefined until a signed-in admin has been recognised. */
      adminSession?: Session<Admin>
      /** Undefined until then, too. */
      adminNavigation?: Navigation
    }
  }
}

/** Turns a handler of visits into one of requests. */
export const visitHandler =
  (deps: VisitDeps, handle: AdminHandler): RequestHandler =>
  async (request, response) => {
    const { person: admin } = adminSessionOf(response)
    const viewer = adminViewer(admin, request.ip ?? null)
    response.locals.adminNavigation = await navigationFor(deps, viewer)
    await handle({
      request,
      response,
      admin,
      editor: { actor: viewer.actor, reach: viewer.reach },
      viewer,
      query: queryOf(request),
      form: await fieldsOf(request),
      show: (view, status = 200) => show(deps, request, response, view, status),
      goTo: (path, done) => goTo(deps, response, path, done),
    })
  }

/** Answers with a page, whether or not somebody is signed in. */
export function show(
  deps: VisitDeps,
  request: Request,
  response: Response,
  view: AdminView,
  status: number,
): void {
  const { adminSession, adminNavigation } = response.locals
  const done = queryOf(request).get('done')
  const html = deps.adminPages.render(view, {
    languages: request.acceptsLanguages(),
    timeZone: deps.timeZone,
    now: deps.clock(),
    nonce: String(response.locals.nonce),
    base: deps.basePath,
    admin: adminSession?.person,
    navigation: adminNavigation,
    formToken: adminSession?.formToken ?? view.formToken,
    done: DONE.find(key => key === done),
  })
  response.status(status).vary('Accept-Language').type('html').send(html)
}

/** @throws TypeError if `requireSession` has not run: a mistake in the program */
export function adminSessionOf(response: Response): Session<Admin> {
  const { adminSession } = response.locals
  if (!adminSession) throw new TypeError('requireSession has not run for this request')
  return adminSession
}

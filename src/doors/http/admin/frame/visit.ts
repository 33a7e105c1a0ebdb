import type { Request, RequestHandler, Response } from 'express'
import type { Admin } from '../../../../rules/reach/admins.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'
import { fieldsOf } from '../../web/form.ts'
import type { AdminPages, AdminView, Done } from './admin-pages.ts'
import { DONE } from './admin-pages.ts'

/** A request of an admin who is signed in; for a POST, the form has been found to be ours. */
export interface Visit {
  readonly request: Request
  readonly response: Response
  readonly admin: Admin
  /** For the use-cases: who does it, and how far they reach. */
  readonly editor: Editor
  readonly query: URLSearchParams
  /** Empty for a GET. */
  readonly form: URLSearchParams
  /** Answers with a page. */
  show(view: AdminView, status?: number): void
  /** Answers a POST that did its work: sends the browser to a page of ours (`/admin/schedules`), which says what was done. */
  goTo(path: string, done?: Done): void
}

export type AdminHandler = (visit: Visit) => Promise<void> | void

export interface VisitDeps {
  /** The path of `publicUrl`, without a slash at its end. */
  readonly basePath: string
  readonly adminPages: AdminPages
  readonly timeZone: string
  readonly clock: () => number
}

declare global {
  namespace Express {
    interface Locals {
      /** Undefined until somebody is known to be signed in. */
      admitted?: Admitted
    }
  }
}

/** What the middleware has found out about a request. */
export interface Admitted {
  readonly admin: Admin
  readonly session: string
  readonly formToken: string
}

/** Lets a handler see a request as a visit. */
export const visiting =
  (deps: VisitDeps, handle: AdminHandler): RequestHandler =>
  async (request, response) => {
    const { admin } = admittedOf(response)
    await handle({
      request,
      response,
      admin,
      editor: {
        actor: { kind: 'admin', name: admin.address, remoteAddress: request.ip ?? null },
        reach: admin.reach,
      },
      query: queryOf(request),
      form: await fieldsOf(request),
      show: (view, status = 200) => show(deps, request, response, view, status),
      goTo: (path, done) => goTo(deps, response, path, done),
    })
  }

/** Answers with a page, also to those who are not signed in. */
export function show(
  deps: VisitDeps,
  request: Request,
  response: Response,
  view: AdminView,
  status: number,
): void {
  const { admitted } = response.locals
  const done = queryOf(request).get('done')
  const html = deps.adminPages.render(view, {
    languages: request.acceptsLanguages(),
    timeZone: deps.timeZone,
    now: deps.clock(),
    nonce: String(response.locals.nonce),
    base: deps.basePath,
    admin: admitted?.admin,
    formToken: admitted?.formToken ?? view.formToken,
    done: DONE.find(key => key === done),
  })
  response.status(status).vary('Accept-Language').type('html').send(html)
}

/** 303: whatever the method was, the next page is got. */
export function goTo(deps: VisitDeps, response: Response, path: string, done?: Done): void {
  const target = new URL(path, 'http://own.invalid')
  if (done !== undefined) target.searchParams.set('done', done)
  response.redirect(303, deps.basePath + target.pathname + target.search)
}

/** @throws TypeError before `requireAdmin`: a mistake in the program */
export function admittedOf(response: Response): Admitted {
  const { admitted } = response.locals
  if (!admitted) throw new TypeError('Nobody has been admitted here')
  return admitted
}

export const queryOf = (request: Request): URLSearchParams =>
  new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'))

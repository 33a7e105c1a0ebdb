import express, { type RequestHandler, type Router } from 'express'
import type { Logger } from 'pino'
import type { Desk } from '../../../desks/admin/desk.ts'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../rules/reach/admins.ts'
import { unknownPage } from '../pages/errors.ts'
import { LONGEST_BODY } from '../web/form.ts'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { type DeskPagesDeps, deskPages } from './desk-pages.ts'
import { type OverviewRouteDeps, showOverview } from './figures/overview.ts'
import { adminErrors } from './frame/admin-errors.ts'
import type { AdminPages } from './frame/admin-pages.ts'
import { cookiesFor } from './frame/cookies.ts'
import { adminHeaders, requireAdmin, requireForm } from './frame/guard.ts'
import { type AdminHandler, visitHandler } from './frame/visit.ts'
import {
  postLink,
  postSignIn,
  requireSignInForm,
  type SignInRouteDeps,
  showLink,
  showSent,
  showSignIn,
  signOut,
} from './sign-in/sign-in.ts'
import { signInLimit } from './sign-in/sign-in-limits.ts'

export interface AdminRouteDeps extends OverviewRouteDeps, DeskPagesDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly publicUrl: string
  readonly adminPages: AdminPages
  readonly signIns: SignIns<Admin>
  readonly refusals: Pick<Refusals, 'add'>
  readonly desk: Desk
  /** The configuration's default time zone, in which admins see times. */
  readonly timeZone: string
  readonly log: Logger
}

/**
 * The admin pages.
 *
 * To add a page: write `NAME/NAME.ts` with handlers that take a `Visit` (`frame/visit.ts`), its template
 * `templates/admin/NAME.html` (begin with `{{#> layout title=…}}`; `style.css` in that folder lists the classes), its
 * words under `admin.NAME` in each locale, and one line in `desk-pages.ts`. For an entry in the navigation, add NAME to
 * `SECTIONS` (`frame/admin-pages.ts`), and its label as `admin.nav.NAME` in each locale. A handler answers with
 * `show({ page, section, model })` or, after a POST, with `goTo('/admin/NAME', 'saved')`. It throws CodedErrors and
 * never looks at cookies. Every form is `<form method="post">{{> form-token}}…`; links begin with
 * `{{@root.base}}/admin/…`.
 *
 * A list needs no handler of its own: call `listPage` (`frame/list-page.ts`) with what differs from other lists.
 */
export function adminRoutes(routeDeps: AdminRouteDeps): Router {
  const deps = { ...routeDeps, cookies: cookiesFor(routeDeps.publicUrl, routeDeps.signIns.limits) }
  const router = express.Router({ caseSensitive: true, strict: true })
  const body = express.raw({ type: () => true, limit: LONGEST_BODY })
  const longBody = express.raw({ type: () => true, limit: LONGEST_FORM })
  const page = (path: string, handlers: { readonly get?: AdminHandler; readonly post?: AdminHandler }) => {
    const route = router.route(path)
    if (handlers.get) route.get(requireAdmin(deps), visitHandler(deps, handlers.get))
    if (handlers.post)
      route.post(requireAdmin(deps), longBody, requireForm(deps), visitHandler(deps, handlers.post))
    route.all(refuseOtherMethods(allowedOf(handlers)))
  }

  router.use('/admin', adminHeaders)
  signInPages(router, deps, body)
  page('/admin/sign-out', { post: signOut(deps) })
  page('/admin', { get: showOverview(deps) })
  page('/admin/', { get: ({ goTo }) => goTo('/admin') })
  for (const { path, ...handlers } of deskPages(deps)) page(path, handlers)

  router.use('/admin', requireAdmin(deps), unknownPage, adminErrors(deps, deps.log))
  return router
}

/** In octets: the schedule form may name a thousand domains. Only signed-in admins can send this much. */
const LONGEST_FORM = 65_536

function signInPages(router: Router, deps: SignInRouteDeps, body: RequestHandler): void {
  router
    .route('/admin/sign-in')
    .get(showSignIn(deps))
    .post(body, requireSignInForm(deps), signInLimit(), postSignIn(deps))
    .all(refuseOtherMethods('GET, HEAD, POST'))
  router.route('/admin/sign-in/sent').get(showSent(deps)).all(refuseOtherMethods('GET, HEAD'))
  router
    .route('/admin/sign-in/:token')
    .get(showLink(deps))
    .post(body, postLink(deps))
    .all(refuseOtherMethods('GET, HEAD, POST'))
}

const allowedOf = ({ get, post }: { readonly get?: unknown; readonly post?: unknown }): string =>
  [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', ')

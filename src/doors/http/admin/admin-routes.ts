import express, { type Router } from 'express'
import type { Logger } from 'pino'
import type { Desk } from '../../../desks/admin/desk.ts'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../rules/reach/admins.ts'
import { unknownPage } from '../pages/errors.ts'
import { cookiesFor } from '../session/cookies.ts'
import { requireForm, requireSession, sessionHeaders } from '../session/guard.ts'
import type { ProxyHeader } from '../session/proxy-header.ts'
import type { SignInDoor, SignInWays } from '../session/sign-in-door.ts'
import { signInRoutes } from '../session/sign-in-routes.ts'
import { signOut } from '../session/sign-out.ts'
import { LONGEST_BODY } from '../web/form.ts'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { type DeskPagesDeps, deskPages } from './desk-pages.ts'
import { type OverviewRouteDeps, showOverview } from './figures/overview.ts'
import { adminErrors } from './frame/admin-errors.ts'
import type { AdminPages } from './frame/admin-pages.ts'
import { type AdminHandler, adminSessionOf, show, visitHandler } from './frame/visit.ts'
import { type HeldRouteDeps, heldPages } from './held/held-pages.ts'

export interface AdminRouteDeps extends OverviewRouteDeps, DeskPagesDeps, HeldRouteDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly publicUrl: string
  readonly adminPages: AdminPages
  readonly signIns: SignIns<Admin>
  readonly ways: SignInWays
  readonly proxyHeader: ProxyHeader | undefined
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
export function adminRoutes(deps: AdminRouteDeps): Router {
  const door = doorOf(deps)
  const signedIn = requireSession(door, (response, session) => {
    response.locals.adminSession = session
  })
  const ownForm = requireForm({ ...deps, sessionOf: adminSessionOf })
  const router = express.Router({ caseSensitive: true, strict: true })
  const body = express.raw({ type: () => true, limit: LONGEST_BODY })
  const longBody = express.raw({ type: () => true, limit: LONGEST_FORM })
  const page = (path: string, handlers: { readonly get?: AdminHandler; readonly post?: AdminHandler }) => {
    const route = router.route(path)
    if (handlers.get) route.get(signedIn, visitHandler(deps, handlers.get))
    if (handlers.post) route.post(signedIn, longBody, ownForm, visitHandler(deps, handlers.post))
    route.all(refuseOtherMethods(allowedOf(handlers)))
  }

  router.use('/admin', sessionHeaders)
  signInRoutes(router, door, body)
  page('/admin/sign-out', { post: postSignOut(door) })
  page('/admin', { get: showOverview(deps) })
  page('/admin/', { get: ({ goTo }) => goTo('/admin') })
  for (const { path, ...handlers } of [...deskPages(deps), ...heldPages(deps)]) page(path, handlers)

  router.use('/admin', signedIn, unknownPage, adminErrors(deps, deps.log))
  return router
}

/** In octets: the schedule form may name a thousand domains. Only signed-in admins can send this much. */
const LONGEST_FORM = 65_536

const doorOf = (deps: AdminRouteDeps): SignInDoor<Admin> => ({
  ...deps,
  kind: 'admin',
  cookies: cookiesFor(deps.publicUrl, 'admin', deps.signIns.limits),
  home: '/admin',
  signInPath: '/admin/sign-in',
  linkPath: '/admin/sign-in',
  show: (request, response, view, status) => show(deps, request, response, view, status),
})

/** POST /admin/sign-out: `everywhere=yes` ends the sessions on all devices. */
const postSignOut =
  (door: SignInDoor<Admin>): AdminHandler =>
  ({ request, response, admin, form }) =>
    signOut(door, { request, response, person: admin }, { everywhere: form.get('everywhere') === 'yes' })

const allowedOf = ({ get, post }: { readonly get?: unknown; readonly post?: unknown }): string =>
  [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', ')

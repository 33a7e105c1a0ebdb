import express, { type Router } from 'express'
import type { Logger } from 'pino'
import type { Desk } from '../../../desks/admin/desk.ts'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../rules/reach/admins.ts'
import { unknownPage } from '../pages/errors.ts'
import { addPages } from '../session/add-pages.ts'
import { cookiesFor } from '../session/cookies.ts'
import { requireForm, requireSession, sessionHeaders } from '../session/guard.ts'
import type { ProxyHeader } from '../session/proxy-header.ts'
import type { SignInDoor, SignInWays } from '../session/sign-in-door.ts'
import { signInRoutes } from '../session/sign-in-routes.ts'
import { signOut } from '../session/sign-out.ts'
import { LONGEST_BODY } from '../web/form.ts'
import type { Page } from '../web/page.ts'
import { type AsPagesDeps, asPages } from './as/as-pages.ts'
import { type DeskPagesDeps, deskPages } from './desk-pages.ts'
import { type OverviewRouteDeps, showOverview } from './figures/overview.ts'
import { adminErrors } from './frame/admin-errors.ts'
import type { AdminPages } from './frame/admin-pages.ts'
import { FIND_PATH } from './frame/as-path.ts'
import { type AdminHandler, adminSessionOf, show, visitHandler } from './frame/visit.ts'
import { type HeldRouteDeps, heldPages } from './held/held-pages.ts'

export interface AdminRouteDeps extends OverviewRouteDeps, DeskPagesDeps, HeldRouteDeps, AsPagesDeps {
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
 * words under `admin.NAME` in each locale, and one line in `desk-pages.ts`: the help desk is refused it. For an entry in the navigation, add NAME to
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
  const router = express.Router({ caseSensitive: true, strict: true })

  router.use('/admin', sessionHeaders)
  signInRoutes(router, door, express.raw({ type: () => true, limit: LONGEST_BODY }))
  const guards = {
    signedIn,
    ownForm: requireForm({ ...deps, sessionOf: adminSessionOf }),
    answer: (handle: AdminHandler) => visitHandler(deps, handle),
  }
  addPages(router, pagesForAll(deps, door), guards)
  addPages(router, pagesForAdmins(deps), {
    ...guards,
    answer: handle => guards.answer(refusingHelpDesk(handle)),
  })
  router.use('/admin', signedIn, unknownPage, adminErrors(deps, deps.log))
  return router
}

/** What somebody of the help desk may request, too. */
const pagesForAll = (deps: AdminRouteDeps, door: SignInDoor<Admin>): readonly Page<AdminHandler>[] => [
  { path: '/admin/sign-out', post: postSignOut(door) },
  { path: '/admin', get: showHome(deps) },
  { path: '/admin/', get: ({ goTo }) => goTo('/admin') },
  ...asPages(deps),
]

const pagesForAdmins = (deps: AdminRouteDeps): readonly Page<AdminHandler>[] => [
  ...deskPages(deps),
  ...heldPages(deps),
]

/** GET /admin: after signing in, everybody comes here. */
function showHome(deps: AdminRouteDeps): AdminHandler {
  const overview = showOverview(deps)
  return visit => (visit.admin.role === 'helpDesk' ? visit.goTo(FIND_PATH) : overview(visit))
}

/** Whatever page is added is refused to the help desk, unless it is among those for all. */
const refusingHelpDesk =
  (handle: AdminHandler): AdminHandler =>
  visit => {
    if (visit.admin.role === 'admin') return handle(visit)
    throw new CodedError('OUT_OF_REACH', 'Your role is the help desk: you see what readers see, and no more.')
  }

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

import express, { type Router } from 'express'
import type { Logger } from 'pino'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import type { SignIns } from '../../../ground/sign-in/sign-ins.ts'
import type { Reader } from '../../../rules/reach/readers.ts'
import { unknownPage } from '../pages/errors.ts'
import { addPages } from '../session/add-pages.ts'
import { cookiesFor } from '../session/cookies.ts'
import { requireForm, requireSession, sessionHeaders } from '../session/guard.ts'
import type { ProxyHeader } from '../session/proxy-header.ts'
import type { SignInDoor, SignInWays } from '../session/sign-in-door.ts'
import { signInRoutes } from '../session/sign-in-routes.ts'
import { signOut } from '../session/sign-out.ts'
import { LONGEST_BODY } from '../web/form.ts'
import { mailErrors } from './mail-errors.ts'
import { type MailHandler, type MailVisitDeps, mailHandler, readerSessionOf, show } from './mail-visit.ts'
import { type OwnPagesDeps, ownPages } from './own-pages.ts'

export interface MailRouteDeps extends MailVisitDeps, OwnPagesDeps {
  readonly publicUrl: string
  readonly signIns: SignIns<Reader>
  readonly ways: SignInWays
  readonly proxyHeader: ProxyHeader | undefined
  readonly refusals: Pick<Refusals, 'add'>
  readonly log: Logger
}

/**
 * The pages on which readers sign in, and those behind.
 *
 * To add a page: write a handler that takes a `MailVisit` (`mail-visit.ts`), its template, which begins with
 * `{{#> layout title=…}}`, and one line in `own-pages.ts`. For an entry in the navigation, add its name to
 * `MAIL_SECTIONS` (`mail-pages.ts`), and its label as `reader.nav.NAME` in each locale. A handler answers with
 * `show({ page, section, model })` or, after a POST, with `goTo('/mail', 'done')`. It throws CodedErrors and never looks
 * at cookies. Every form is `<form method="post">{{> form-token}}…`; links begin with `{{@root.base}}/mail`.
 */
export function mailRoutes(deps: MailRouteDeps): Router {
  const door = doorOf(deps)
  const signedIn = requireSession(door, (response, session) => {
    response.locals.readerSession = session
  })
  // Where publicUrl is at /mail, `/mail/` is the page to sign in on.
  const router = express.Router({ caseSensitive: true, strict: deps.basePath === ROOT })

  router.use(['/mail', '/sign-in'], sessionHeaders)
  signInRoutes(router, door, express.raw({ type: () => true, limit: LONGEST_BODY }))
  // Nothing else below /mail is refused here, but by `unknownMailPage`: it may be ours, if publicUrl has that path and
  // the proxy passes it on.
  addPages(router, [{ path: '/mail/sign-out', post: postSignOut(door) }, ...ownPages(deps)], {
    signedIn,
    ownForm: requireForm({ ...deps, sessionOf: readerSessionOf }),
    answer: handle => mailHandler(deps, handle),
  })

  router.use(mailErrors(deps, deps.log))
  return router
}

const ROOT = '/mail'

/** What no route below `/mail` answers: a reader mistyped it, who is told so in the frame of their own pages. */
export function unknownMailPage(deps: MailRouteDeps): Router {
  const signedIn = requireSession(doorOf(deps), (response, session) => {
    response.locals.readerSession = session
  })
  return express.Router().use(sessionHeaders, signedIn, unknownPage, mailErrors(deps, deps.log))
}

const doorOf = (deps: MailRouteDeps): SignInDoor<Reader> => ({
  ...deps,
  kind: 'reader',
  cookies: cookiesFor(deps.publicUrl, 'reader', deps.signIns.limits),
  home: ROOT,
  signInPath: '/',
  linkPath: '/sign-in',
  show: (request, response, view, status) =>
    show(deps, request, response, { ...view, page: `reader/${view.page}` }, status),
})

/** POST /mail/sign-out: `everywhere=yes` ends the sessions on all devices. */
const postSignOut =
  (door: SignInDoor<Reader>): MailHandler =>
  ({ request, response, reader, form }) =>
    signOut(door, { request, response, person: reader }, { everywhere: form.get('everywhere') === 'yes' })

import type { RequestHandler, Router } from 'express'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { sessionHeaders } from './guard.ts'
import type { SignInDoor } from './sign-in-door.ts'
import { asksForLink, postSignIn, requireSignInForm, showSignIn } from './sign-in-form.ts'
import { signInLimit } from './sign-in-limits.ts'
import { postLink, showLink, showSent } from './sign-in-link.ts'
import { beginRedirect, finishRedirect } from './sign-in-provider.ts'

/** Adds the pages on which people of one kind sign in. @param body reads the body of a form */
export function signInRoutes(router: Router, door: SignInDoor, body: RequestHandler): void {
  const { signInPath, linkPath } = door
  const { redirect } = door.ways
  const limit = signInLimit(door.kind, request => asksForLink(door, request))
  router
    .route(signInPath)
    .all(sessionHeaders)
    .get(showSignIn(door))
    .post(body, requireSignInForm(door), limit, postSignIn(door))
    .all(refuseOtherMethods('GET, HEAD, POST'))
  router.route(`${linkPath}/sent`).get(showSent(door)).all(refuseOtherMethods('GET, HEAD'))
  if (redirect) {
    router.route(`${linkPath}/oidc`).get(beginRedirect(door, redirect)).all(refuseOtherMethods('GET, HEAD'))
    router
      .route(`${linkPath}/oidc/done`)
      .get(finishRedirect(door, redirect))
      .all(refuseOtherMethods('GET, HEAD'))
  }
  router
    .route(`${linkPath}/:token`)
    .get(showLink(door))
    .post(body, postLink(door))
    .all(refuseOtherMethods('GET, HEAD, POST'))
}

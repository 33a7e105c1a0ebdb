import type { RequestHandler, Router } from 'express'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { sessionHeaders } from './guard.ts'
import {
  postLink,
  postSignIn,
  requireSignInForm,
  type SignInDoor,
  showLink,
  showSent,
  showSignIn,
} from './sign-in.ts'
import { signInLimit } from './sign-in-limits.ts'

/** Adds the pages on which people of one kind sign in. @param body reads the body of a form */
export function signInRoutes(router: Router, door: SignInDoor, body: RequestHandler): void {
  router
    .route(door.signInPath)
    .all(sessionHeaders)
    .get(showSignIn(door))
    .post(body, requireSignInForm(door), signInLimit(), postSignIn(door))
    .all(refuseOtherMethods('GET, HEAD, POST'))
  router.route(`${door.linkPath}/sent`).get(showSent(door)).all(refuseOtherMethods('GET, HEAD'))
  router
    .route(`${door.linkPath}/:token`)
    .get(showLink(door))
    .post(body, postLink(door))
    .all(refuseOtherMethods('GET, HEAD, POST'))
}

import express, { type RequestHandler, type Router } from 'express'
import type { Page } from '../web/page.ts'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'

/** What a request to a page passes, in this order. */
export interface PageGuards<Handler> {
  /** Lets only those through who have signed in. */
  readonly signedIn: RequestHandler
  /** Lets only forms of our own pages through. */
  readonly ownForm: RequestHandler
  /** Turns the handler of a page into one of requests. */
  readonly answer: (handle: Handler) => RequestHandler
}

/** Adds pages behind a sign-in to a router. */
export function addPages<Handler>(
  router: Router,
  pages: readonly Page<Handler>[],
  { signedIn, ownForm, answer }: PageGuards<Handler>,
): void {
  const body = express.raw({ type: () => true, limit: LONGEST_FORM })
  for (const { path, get, post } of pages) {
    const route = router.route(path)
    if (get) route.get(signedIn, answer(get))
    if (post) route.post(signedIn, body, ownForm, answer(post))
    route.all(refuseOtherMethods([...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', ')))
  }
}

/** In octets: a form may name a thousand domains, or a hundred ticked messages. Only those who have signed in send it. */
const LONGEST_FORM = 65_536

import express, { type RequestHandler, type Router } from 'express'
import type { LinkPage, Meter } from '../../../ground/metrics/meter.ts'
import type { ClickRecorder } from '../../../work/clicks/click-recorder.ts'
import { perLink } from '../middleware/rate-limits.ts'
import type { LinkToSettings } from '../pages/page-view.ts'
import { messagePages } from '../quarantine/message-pages.ts'
import { LONGEST_BODY } from '../web/form.ts'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { showCanary } from './canary.ts'
import { recordClicks } from './clicks.ts'
import { postDestination, showDestination } from './destination.ts'
import { type DigestRouteDeps, LONGEST_DIGEST_BODY, postDigest, showDigest } from './digest.ts'
import { backToLink, offeringFresh, postFresh, RENEWABLE } from './fresh.ts'
import { type HeldRouteDeps, OPENING, postHeld, showHeld } from './held.ts'
import { countLinkRequests } from './link-requests.ts'
import { postPreferences, showPreferences } from './preferences.ts'
import { postRelease, type ReleaseRouteDeps, showRelease } from './release.ts'

export interface RouteDeps
  extends ReleaseRouteDeps,
    DigestRouteDeps,
    HeldRouteDeps,
    Pick<ClickRecorder, 'recordClick'> {
  readonly perLink: number
  readonly meter: Meter
}

/** The routes of all readers' links. Express answers HEAD like GET, without the body. */
export function linkRoutes(deps: RouteDeps): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const limit = perLink(deps.perLink)
  const counted = (page: LinkPage) => countLinkRequests(deps.meter, page)
  const body = express.raw({ type: () => true, limit: LONGEST_BODY })
  const digestBody = express.raw({ type: () => true, limit: LONGEST_DIGEST_BODY })

  router
    .route('/release/:token')
    .all(counted('release'))
    .get(limit, recordClicks(deps, 'release'), offeringFresh(deps, 'release', showRelease(deps)))
    .post(limit, recordClicks(deps, 'release'), body, offeringFresh(deps, 'release', postRelease(deps)))
    .all(refuseOtherMethods('GET, HEAD, POST'))
  for (const link of RENEWABLE) {
    router
      .route(`/fresh/${link}/:token`)
      .all(counted(link))
      .get(limit, backToLink(deps, link))
      .post(limit, body, postFresh(deps, link))
      .all(refuseOtherMethods('GET, HEAD, POST'))
  }
  for (const link of OPENING) {
    for (const page of messagePages(deps.messages)) {
      const route = router.route(`/${link}/:token/held${page.path}`).all(counted(link))
      route.get(limit, recordClicks(deps, link), offeringFresh(deps, link, showHeld(deps, link, page)))
      if (page.post)
        route.post(
          limit,
          recordClicks(deps, link),
          body,
          offeringFresh(deps, link, postHeld(deps, link, page)),
        )
      route.all(refuseOtherMethods(page.post ? 'GET, HEAD, POST' : 'GET, HEAD'))
    }
  }
  for (const path of ['/digest/:token', '/digest/:token/:page']) {
    router
      .route(path)
      .all(counted('digest'))
      .get(limit, recordClicks(deps, 'digest'), offeringFresh(deps, 'digest', showDigest(deps)))
      .post(limit, recordClicks(deps, 'digest'), digestBody, offeringFresh(deps, 'digest', postDigest(deps)))
      .all(refuseOtherMethods('GET, HEAD, POST'))
  }
  router
    .route('/preferences/:token')
    .all(counted('preferences'), rememberLink('preferences'))
    .get(limit, recordClicks(deps, 'preferences'), offeringFresh(deps, 'preferences', showPreferences(deps)))
    .post(
      limit,
      recordClicks(deps, 'preferences'),
      body,
      offeringFresh(deps, 'preferences', postPreferences(deps)),
    )
    .all(refuseOtherMethods('GET, HEAD, POST'))
  router
    .route('/destination/:token')
    .all(counted('preferences'), rememberLink('destination'))
    .get(limit, showDestination(deps))
    .post(limit, body, postDestination(deps))
    .all(refuseOtherMethods('GET, HEAD, POST'))
  router.route('/more/:token').all(counted('canary'), limit, recordClicks(deps, 'canary'), showCanary(deps))
  return router
}

/** Lets the error page know by which link the reader came. */
const rememberLink =
  (link: LinkToSettings): RequestHandler =>
  (_request, response, next) => {
    response.locals.link = link
    next()
  }

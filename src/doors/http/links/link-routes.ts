import express, { type RequestHandler, type Router } from 'express'
import type { LinkPage, Meter } from '../../../ground/metrics/meter.ts'
import type { ClickRecorder } from '../../../work/clicks/click-recorder.ts'
import { perLink } from '../middleware/rate-limits.ts'
import type { LinkToSettings } from '../pages/page-view.ts'
import { LONGEST_BODY } from '../web/form.ts'
import { others } from '../web/others.ts'
import { showCanary } from './canary.ts'
import { clicks } from './clicks.ts'
import { postDestination, showDestination } from './destination.ts'
import { type DigestRouteDeps, showDigest } from './digest.ts'
import { linkRequests } from './link-requests.ts'
import { postPreferences, showPreferences } from './preferences.ts'
import { postRelease, type ReleaseRouteDeps, showRelease } from './release.ts'

export interface RouteDeps extends ReleaseRouteDeps, DigestRouteDeps, Pick<ClickRecorder, 'recordClick'> {
  readonly perLink: number
  readonly meter: Meter
}

/** All that readers' links lead to. Express answers HEAD as GET without the body. */
export function routes(deps: RouteDeps): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const limit = perLink(deps.perLink)
  const counted = (page: LinkPage) => linkRequests(deps.meter, page)
  const body = express.raw({ type: () => true, limit: LONGEST_BODY })

  router
    .route('/release/:token')
    .all(counted('release'))
    .get(limit, clicks(deps, 'release'), showRelease(deps))
    .post(limit, clicks(deps, 'release'), body, postRelease(deps))
    .all(others('GET, HEAD, POST'))
  for (const path of ['/digest/:token', '/digest/:token/:page']) {
    router
      .route(path)
      .all(counted('digest'))
      .get(limit, clicks(deps, 'digest'), showDigest(deps))
      .all(others('GET, HEAD'))
  }
  router
    .route('/preferences/:token')
    .all(counted('preferences'), leadsTo('preferences'))
    .get(limit, clicks(deps, 'preferences'), showPreferences(deps))
    .post(limit, clicks(deps, 'preferences'), body, postPreferences(deps))
    .all(others('GET, HEAD, POST'))
  router
    .route('/destination/:token')
    .all(counted('preferences'), leadsTo('destination'))
    .get(limit, showDestination(deps))
    .post(limit, body, postDestination(deps))
    .all(others('GET, HEAD, POST'))
  router.route('/more/:token').all(counted('canary'), limit, clicks(deps, 'canary'), showCanary(deps))
  return router
}

/** Failures are told by the link that has led to them. */
const leadsTo =
  (link: LinkToSettings): RequestHandler =>
  (_request, response, next) => {
    response.locals.link = link
    next()
  }

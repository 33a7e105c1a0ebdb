import express, { type Request, type Response, type Router } from 'express'
import { CodedError } from '../errors.ts'
import type { LinkPage, Meter } from '../metrics/meter.ts'
import { LONGEST_BODY } from './form.ts'
import { linkRequests } from './middleware/link-requests.ts'
import { perLink } from './middleware/rate-limits.ts'
import { type DigestRouteDeps, showDigest } from './routes/digest.ts'
import { type PreferencesRouteDeps, postPreferences, showPreferences } from './routes/preferences.ts'
import { postRelease, type ReleaseRouteDeps, showRelease } from './routes/release.ts'

export interface RouteDeps extends ReleaseRouteDeps, DigestRouteDeps, PreferencesRouteDeps {
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
    .get(limit, showRelease(deps))
    .post(limit, body, postRelease(deps))
    .all(others('GET, HEAD, POST'))
  for (const path of ['/digest/:token', '/digest/:token/:page']) {
    router.route(path).all(counted('digest')).get(limit, showDigest(deps)).all(others('GET, HEAD'))
  }
  router
    .route('/preferences/:token')
    .all(counted('preferences'))
    .get(limit, showPreferences(deps))
    .post(limit, body, postPreferences(deps))
    .all(others('GET, HEAD, POST'))
  return router
}

/** RFC 9110, 15.5.6: who is refused for the method is told those that are answered. */
const others = (allowed: string) => (_request: Request, response: Response) => {
  response.set('Allow', allowed)
  throw new CodedError('METHOD_UNKNOWN', 'This address answers GET, and POST where there is something to do.')
}

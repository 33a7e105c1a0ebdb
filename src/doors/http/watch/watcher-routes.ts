import express, { type Router } from 'express'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { SECOND } from '../../../ground/durations.ts'
import { healthz, readyz } from './health.ts'
import { type MetricsPage, type MetricsRouteDeps, showMetrics } from './metrics.ts'

export interface WatcherRouteDeps extends MetricsRouteDeps {
  /** Why the program cannot do its work now; empty when it can. */
  readonly readiness: () => Promise<readonly string[]>
}

/** The routes for monitoring. They have no rate limit; instead, all who ask within a second get the same answer. */
export function watcherRoutes(deps: WatcherRouteDeps): Router {
  const router = healthRoute()
  const pages = new ExpiringCache<MetricsPage>(1)
  const metrics = () => pages.get('page', { now: performance.now(), keep: SECOND }, deps.metrics)
  router.get('/readyz', readyz(deps.readiness))
  router.get('/metrics', showMetrics({ metrics }))
  return router
}

/** Only whether the process lives, for a listener that the others are not served at. */
export function healthRoute(): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get('/healthz', healthz)
  return router
}

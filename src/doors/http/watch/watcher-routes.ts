import express, { type Router } from 'express'
import { healthz, readyz } from './health.ts'
import { type MetricsRouteDeps, showMetrics } from './metrics.ts'

export interface WatcherRouteDeps extends MetricsRouteDeps {
  /** Why the program cannot do its work now; empty when it can. */
  readonly readiness: () => Promise<readonly string[]>
}

/** The routes for monitoring. They have no rate limit. */
export function watcherRoutes(deps: WatcherRouteDeps): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get('/healthz', healthz)
  router.get('/readyz', readyz(deps.readiness))
  router.get('/metrics', showMetrics(deps))
  return router
}

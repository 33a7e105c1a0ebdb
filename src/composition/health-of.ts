import type { HttpServer } from '../doors/http/server.ts'
import { createHealth, type Health } from '../ground/health/health.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'
import type { WorkWatch } from '../ground/health/work-watch.ts'
import type { ReadinessChecks } from './readiness-checks.ts'

export interface HealthDeps {
  readonly readiness: ReadinessChecks
  readonly watched: readonly WatchedPart[]
  readonly works: WorkWatch
}

/** Reports which of the parts that the program needs can be used. */
export const healthOf = ({ readiness, watched, works }: HealthDeps): Health =>
  createHealth({
    checked: [
      { part: 'storage', check: readiness.storage, codeIfSilent: 'DATABASE_UNREACHABLE' },
      { part: 'state', check: readiness.state, codeIfSilent: 'DATABASE_UNREACHABLE' },
      { part: 'queue', check: readiness.queue, codeIfSilent: 'QUEUE_UNREACHABLE' },
      { part: 'keys', check: readiness.keys, codeIfSilent: undefined },
      { part: 'sending', check: readiness.sending, codeIfSilent: undefined },
    ],
    watched,
    works,
    clock: () => performance.now(),
  })

/** Watches the health of the parts for as long as the HTTP server can be asked about it. */
export async function watchWhileServing(health: Health, starting: Promise<HttpServer>): Promise<HttpServer> {
  const http = await starting
  const end = new AbortController()
  const watch = health.watch(end.signal)
  return {
    port: http.port,
    async [Symbol.asyncDispose]() {
      end.abort()
      await http[Symbol.asyncDispose]()
      await watch
    },
  }
}

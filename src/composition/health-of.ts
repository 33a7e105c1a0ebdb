import { requireRights } from '../amavis/check-storage.ts'
import { requireMigrated } from '../database/migrate.ts'
import { createHealth, type Health } from '../health/health.ts'
import type { Watched } from '../health/watched.ts'
import type { HttpServer } from '../http/server.ts'
import type { Queue } from '../queue/queue.ts'
import type { Databases } from './databases-of.ts'

export interface HealthDeps extends Databases {
  readonly queue: () => Promise<Queue>
  readonly watched: readonly Watched[]
}

/** Knows which of the parts that the program needs can be used. */
export const healthOf = ({ storage, state, queue, watched }: HealthDeps): Health =>
  createHealth({
    asked: [
      { part: 'storage', look: () => requireRights(storage.sql), silence: 'DATABASE_UNREACHABLE' },
      { part: 'state', look: () => requireMigrated(state), silence: 'DATABASE_UNREACHABLE' },
      { part: 'queue', look: async () => (await queue()).depth('digest'), silence: 'QUEUE_UNREACHABLE' },
    ],
    watched,
  })

/** Looks for the parts of the program for as long as somebody can ask about them. */
export async function watching(health: Health, starting: Promise<HttpServer>): Promise<HttpServer> {
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

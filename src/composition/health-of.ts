import type { HttpServer } from '../doors/http/server.ts'
import { requireRights } from '../ground/amavis/check-storage.ts'
import { createHealth, type Health } from '../ground/health/health.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { requireMigrated } from '../ground/state/migrate.ts'
import type { Databases } from './databases-of.ts'
import type { LostKeys } from './lost-keys.ts'

export interface HealthDeps extends Databases {
  readonly queue: () => Promise<Queue>
  readonly watched: readonly WatchedPart[]
  readonly lostKeys: Pick<LostKeys, 'requireNone'>
}

/** Reports which of the parts that the program needs can be used. */
export const healthOf = ({ storage, state, queue, watched, lostKeys }: HealthDeps): Health =>
  createHealth({
    checked: [
      { part: 'storage', check: () => requireRights(storage.sql), codeIfSilent: 'DATABASE_UNREACHABLE' },
      { part: 'state', check: () => requireMigrated(state), codeIfSilent: 'DATABASE_UNREACHABLE' },
      {
        part: 'queue',
        check: async () => (await queue()).depth('digest'),
        codeIfSilent: 'QUEUE_UNREACHABLE',
      },
      { part: 'keys', check: () => lostKeys.requireNone(), codeIfSilent: 'DATABASE_UNREACHABLE' },
    ],
    watched,
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

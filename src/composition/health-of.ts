import type { HttpServer } from '../doors/http/server.ts'
import { requireRights } from '../ground/amavis/check-storage.ts'
import { CodedError } from '../ground/errors.ts'
import { createHealth, type Health } from '../ground/health/health.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'
import type { WorkWatch } from '../ground/health/work-watch.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { checkState } from '../ground/state/check-state.ts'
import { requireRendered } from '../work/digest/send/unrendered.ts'
import type { Databases } from './databases-of.ts'
import type { LostKeys } from './lost-keys.ts'

export interface HealthDeps extends Databases {
  readonly queue: () => Promise<Queue>
  readonly watched: readonly WatchedPart[]
  readonly lostKeys: Pick<LostKeys, 'requireNone'>
  readonly works: WorkWatch
}

/** Reports which of the parts that the program needs can be used. */
export const healthOf = ({ storage, state, queue, watched, lostKeys, works }: HealthDeps): Health =>
  createHealth({
    checked: [
      { part: 'storage', check: () => requireRights(storage.sql), codeIfSilent: 'DATABASE_UNREACHABLE' },
      { part: 'state', check: () => checkState(state), codeIfSilent: 'DATABASE_UNREACHABLE' },
      {
        part: 'queue',
        check: async () => (await queue()).depth('digest'),
        codeIfSilent: 'QUEUE_UNREACHABLE',
      },
      { part: 'keys', check: () => lostKeys.requireNone(), codeIfSilent: 'DATABASE_UNREACHABLE' },
      // A database that gives no answer is a reason of its own.
      { part: 'sending', check: () => ignoringOthers(requireRendered(state)), codeIfSilent: undefined },
    ],
    watched,
    works,
    clock: () => performance.now(),
  })

async function ignoringOthers(check: Promise<void>): Promise<void> {
  await check.catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'TEMPLATE_INVALID') throw error
  })
}

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

import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { createTally, summaryOf } from '../../../ground/concurrency/tally.ts'

export interface RequestLog extends AsyncDisposable {
  readonly handler: RequestHandler
}

/**
 * Logs one line per request. It names the route, never the path: a token in a log is a link for whoever reads it.
 * Requests that were too many share a line a minute, because a flood of them is what the limits are for.
 */
export function createRequestLog(log: Logger): RequestLog {
  const tooMany = createTally(report =>
    log.warn(
      { count: report.count, remoteAddress: report.first.remoteAddress },
      `too many requests: ${summaryOf(report)}`,
    ),
  )
  return {
    handler(request, response, next) {
      const startedAt = performance.now()
      const remoteAddress = request.ip
      response.on('finish', () => {
        if (response.statusCode === TOO_MANY) {
          tooMany.add({ outcome: 'TOO_MANY_REQUESTS', remoteAddress: remoteAddress ?? null })
          return
        }
        const route: unknown = (request.route as { readonly path?: unknown } | undefined)?.path
        log[OFTEN.has(request.path) ? 'debug' : 'info'](
          {
            method: request.method,
            route: typeof route === 'string' ? route : 'none',
            status: response.statusCode,
            remoteAddress,
            ms: Math.round(performance.now() - startedAt),
          },
          'request',
        )
      })
      next()
    },
    [Symbol.asyncDispose]: () => tooMany[Symbol.asyncDispose](),
  }
}

const TOO_MANY = 429

/** Monitoring requests these every few seconds. */
const OFTEN = new Set(['/healthz', '/readyz', '/metrics'])

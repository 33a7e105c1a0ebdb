import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { createTally, type Happening, summaryOf } from '../../../ground/concurrency/tally.ts'

export interface RequestLog extends AsyncDisposable {
  readonly handler: RequestHandler
  /** A link that was refused before the framework saw it. */
  refused(refusal: Happening): void
}

/**
 * Logs one line per request. It names the route, never the path: a token in a log is a link for whoever reads it.
 * Requests that were too many share a line a minute, because a flood of them is what the limits are for. So do links
 * that no key of ours has signed: anybody can make up any number of them.
 */
export function createRequestLog(log: Logger): RequestLog {
  const tooMany = createTally(report =>
    log.warn(
      { count: report.count, remoteAddress: report.first.remoteAddress },
      `too many requests: ${summaryOf(report)}`,
    ),
  )
  const unsigned = createTally(report =>
    log.info(
      { count: report.count, remoteAddress: report.first.remoteAddress },
      `links refused: ${summaryOf(report)}`,
    ),
  )
  return {
    refused: refusal => (refusal.outcome === 'TOO_MANY_REQUESTS' ? tooMany : unsigned).add(refusal),
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
    async [Symbol.asyncDispose]() {
      await tooMany[Symbol.asyncDispose]()
      await unsigned[Symbol.asyncDispose]()
    },
  }
}

const TOO_MANY = 429

/** Monitoring requests these every few seconds. */
const OFTEN = new Set(['/healthz', '/readyz', '/metrics'])

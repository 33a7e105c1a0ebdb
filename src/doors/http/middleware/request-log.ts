import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

/** Logs one line per request. It names the route, never the path: a token in a log is a link for whoever reads it. */
export const requestLog =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const startedAt = performance.now()
    response.on('finish', () => {
      const route: unknown = (request.route as { readonly path?: unknown } | undefined)?.path
      log[OFTEN.has(request.path) ? 'debug' : 'info'](
        {
          method: request.method,
          route: typeof route === 'string' ? route : 'none',
          status: response.statusCode,
          remoteAddress: request.ip,
          ms: Math.round(performance.now() - startedAt),
        },
        'request',
      )
    })
    next()
  }

/** Monitoring requests these every few seconds. */
const OFTEN = new Set(['/healthz', '/readyz', '/metrics'])

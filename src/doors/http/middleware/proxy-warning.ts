import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

/** Says once that requests come through a proxy that is not believed: all readers share one limit then. */
export function proxyWarning(trustProxy: readonly string[], log: Logger): RequestHandler {
  let isSilent = trustProxy.length > 0
  return (request, _response, next) => {
    if (!isSilent && request.headers['x-forwarded-for'] !== undefined) {
      isSilent = true
      const advice = `set http.trustProxy: [${request.socket.remoteAddress}] if that is your reverse proxy`
      log.warn(`A request has X-Forwarded-For, which is not believed: ${advice}.`)
    }
    next()
  }
}

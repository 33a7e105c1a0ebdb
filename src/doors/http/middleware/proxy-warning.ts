import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'

/** Warns once if requests come through a proxy that is not trusted, because all readers then share one limit. */
export function proxyWarning(trustProxy: readonly string[], log: Logger): (request: IncomingMessage) => void {
  let isDone = trustProxy.length > 0
  return request => {
    if (isDone || request.headers['x-forwarded-for'] === undefined) return
    isDone = true
    const advice = `set http.trustProxy: [${request.socket.remoteAddress}] if that is your reverse proxy`
    log.warn(`A request has X-Forwarded-For, but its sender is not trusted: ${advice}.`)
  }
}

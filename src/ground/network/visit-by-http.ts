import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { durationText, SECOND } from '../durations.ts'
import { systemAuthorities } from './authorities.ts'
import { requestByHttp } from './http.ts'
import type { SeenCertificate, Visit, Visited } from './visit.ts'

/**
 * Follows no redirect, and goes on with a bad certificate: it is told, not refused. Never rejects.
 *
 * @param patience how long it waits for all of the answer, in milliseconds
 */
export const visitByHttp = (
  url: Parameters<Visit>[0],
  headers: Parameters<Visit>[1],
  signal: AbortSignal,
  patience = 5 * SECOND,
): Promise<Visited> => {
  const { promise, resolve } = Promise.withResolvers<Visited>()
  const tooLate = AbortSignal.timeout(patience)
  const options = { headers, signal: AbortSignal.any([signal, tooLate]), agent: false as const }
  const request =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...options, ca: [...systemAuthorities()], rejectUnauthorized: false })
      : requestByHttp(url, options)
  let certificate: SeenCertificate | undefined
  request.on('socket', socket => {
    if (socket instanceof TLSSocket) socket.once('secureConnect', () => (certificate = certificateOf(socket)))
  })
  request.on('error', (error: NodeJS.ErrnoException) =>
    resolve(
      tooLate.aborted
        ? { kind: 'unreachable', code: 'ETIMEDOUT', reason: `no answer within ${durationText(patience)}` }
        : { kind: 'unreachable', code: error.code ?? error.name, reason: error.message },
    ),
  )
  request.on('response', response => void read(request, response, () => certificate).then(resolve))
  request.end()
  return promise
}

function certificateOf(socket: TLSSocket): SeenCertificate {
  const { valid_from, valid_to } = socket.getPeerCertificate() as Partial<DetailedPeerCertificate>
  // Typed as an error; Node sets its code.
  const fault = socket.authorized ? undefined : String(socket.authorizationError)
  return { fault, validFrom: Date.parse(valid_from ?? ''), validTo: Date.parse(valid_to ?? '') }
}

async function read(
  request: ClientRequest,
  response: IncomingMessage,
  certificate: () => SeenCertificate | undefined,
): Promise<Visited> {
  const from = response.socket.localAddress
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (size > LARGEST) break
    }
  } catch {
    // What has arrived will do.
  }
  request.destroy()
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]),
  )
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    headers,
    body: Buffer.concat(chunks).toString('utf8').slice(0, LARGEST),
    from,
    certificate: certificate(),
  }
}

const LARGEST = 65_536

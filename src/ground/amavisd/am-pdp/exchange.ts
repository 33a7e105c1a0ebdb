import { connect, type Socket } from 'node:net'
import { SECOND } from '../../durations.ts'

/** Where amavisd listens: TCP or a Unix socket. */
export type AmPdpAddress = { readonly host: string; readonly port: number } | { readonly path: string }

export type Exchange =
  /** A whole reply, up to its empty line. */
  | { readonly kind: 'answered'; readonly message: string }
  /** `asked`: the request had been written before the connection broke. */
  | { readonly kind: 'broken'; readonly reason: string; readonly asked: boolean }

/**
 * Opens a connection, writes one message, reads one and closes. Never rejects.
 * amavisd carries out a request whose client has hung up, so after a break only `asked` tells what may have happened.
 */
export function exchange(
  address: AmPdpAddress,
  message: string,
  timeout: number,
  signal?: AbortSignal,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  let asked = false
  let received = Buffer.alloc(0)
  const socket: Socket = connect(address)
  const settle = (result: Exchange) => {
    clearTimeout(silence)
    signal?.removeEventListener('abort', abort)
    socket.destroy()
    resolve(result)
  }
  const broken = (reason: string) => settle({ kind: 'broken', reason, asked })
  const abort = () => broken('Interrupted')
  const impatience = (what: string, limit: number) =>
    setTimeout(() => broken(`${what} within ${limit} ms`), limit)

  const connectTimeout = Math.min(timeout, LONGEST_CONNECT)
  let silence = impatience('amavisd took no connection', connectTimeout)
  socket.once('connect', () => {
    clearTimeout(silence)
    silence = impatience('amavisd did not answer', timeout)
    asked = true
    socket.write(message)
  })
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    // amavisd speaks last in AM.PDP and first in SMTP: nothing was released by what greets.
    if (received.toString('latin1', 0, 4) === '220 ') {
      asked = false
      broken('This is an SMTP port, not one with AM.PDP: see release.via')
      return
    }
    const end = received.indexOf(END)
    if (end >= 0) settle({ kind: 'answered', message: received.toString('utf8', 0, end) })
    else if (received.length > LONGEST_REPLY)
      broken(`amavisd's answer is longer than ${LONGEST_REPLY} octets`)
  })
  socket.on('error', error => broken(error.message))
  socket.once('close', () => broken('amavisd hung up before it had answered'))
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return promise
}

const END = '\r\n\r\n'

/** Amavisd is near; a busy one still accepts, for its kernel does. */
export const LONGEST_CONNECT = 5 * SECOND

/** Octets. An answer for one recipient takes a few hundred. */
const LONGEST_REPLY = 65_536

import { connect, type Socket } from 'node:net'
import { SECOND } from '../../durations.ts'

/** Where amavisd listens: a TCP port or a Unix socket. */
export type AmPdpAddress = { readonly host: string; readonly port: number } | { readonly path: string }

export type Exchange =
  /** A complete reply, up to its empty line. */
  | { readonly kind: 'answered'; readonly message: string }
  /** `asked`: the request had been written before the connection broke. */
  | { readonly kind: 'broken'; readonly reason: string; readonly asked: boolean }

/**
 * Opens a connection, writes one message, reads one and closes. Never rejects.
 * amavisd carries out a request even if its client has hung up. So when the connection breaks, only `asked` tells
 * whether it may have done so.
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
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    socket.destroy()
    resolve(result)
  }
  const broken = (reason: string) => settle({ kind: 'broken', reason, asked })
  const abort = () => broken('Interrupted')
  const startTimer = (failure: string, limit: number) =>
    setTimeout(() => broken(`${failure} within ${limit} ms`), limit)

  let timer = startTimer('amavisd accepted no connection', Math.min(timeout, CONNECT_TIMEOUT))
  socket.once('connect', () => {
    clearTimeout(timer)
    timer = startTimer('amavisd did not answer', timeout)
    asked = true
    socket.write(message)
  })
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    // In SMTP the server speaks first, in AM.PDP it answers: a server that greets has released nothing.
    if (SMTP_REPLY.test(received.toString('latin1', 0, 4))) {
      asked = false
      broken('This is an SMTP port, not an AM.PDP port: see release.via')
      return
    }
    const end = received.indexOf(END)
    if (end >= 0) settle({ kind: 'answered', message: received.toString('utf8', 0, end) })
    else if (received.length > MAX_REPLY) broken(`amavisd's answer is longer than ${MAX_REPLY} octets`)
  })
  socket.on('error', error => broken(error.message))
  socket.once('close', () => broken('amavisd hung up before it had answered'))
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return promise
}

const END = '\r\n\r\n'

/** A greeting of one line or of several, or a refusal such as 421 or 554 (RFC 5321, section 3.1). */
const SMTP_REPLY = /^[2-5]\d\d[ -]/

/** Connecting to amavisd takes milliseconds, even when it is busy: its kernel accepts the connection. */
const CONNECT_TIMEOUT = 5 * SECOND

/** Octets. An answer for one recipient takes a few hundred. */
const MAX_REPLY = 65_536

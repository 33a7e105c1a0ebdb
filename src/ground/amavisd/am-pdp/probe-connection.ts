import { connect } from 'node:net'
import { type AmPdpAddress, LONGEST_CONNECT } from './exchange.ts'

/**
 * Opens a connection and closes it at once: one that stays open occupies a child of amavisd.
 * @returns undefined when amavisd took it, else why not
 */
export function probeConnection(address: AmPdpAddress, timeout: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const limit = Math.min(timeout, LONGEST_CONNECT)
  const socket = connect(address)
  const settle = (fault?: string) => {
    clearTimeout(silence)
    socket.destroy()
    resolve(fault)
  }
  const silence = setTimeout(() => settle(`amavisd took no connection within ${limit} ms`), limit)
  socket.once('connect', () => settle())
  socket.on('error', error => settle(error.message))
  return promise
}

import { connect } from 'node:net'
import { type AmPdpAddress, CONNECT_TIMEOUT } from './exchange.ts'

/**
 * Opens a connection and closes it at once, because an open one occupies a child process of amavisd.
 * @returns undefined when amavisd accepted it, otherwise why not
 */
export function probeConnection(address: AmPdpAddress, timeout: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const limit = Math.min(timeout, CONNECT_TIMEOUT)
  const socket = connect(address)
  const settle = (fault?: string) => {
    clearTimeout(timer)
    socket.destroy()
    resolve(fault)
  }
  const timer = setTimeout(() => settle(`amavisd accepted no connection within ${limit} ms`), limit)
  socket.once('connect', () => settle())
  socket.on('error', error => settle(error.message))
  return promise
}

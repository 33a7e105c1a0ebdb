import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Finds a TCP port of 127.0.0.1 on which nothing is listening right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}

/**
 * Whether something accepts a connection on a port or Unix socket within a second; with `greeting`, whether it also
 * speaks first, as SMTP does.
 */
export function isListening(address: number | string, { greeting = false } = {}): Promise<boolean> {
  return new Promise(resolve => {
    const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address)
    const done = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.once('error', () => done(false))
    socket.once(greeting ? 'data' : 'connect', () => done(true))
    socket.once('close', () => done(false))
  })
}

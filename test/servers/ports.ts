import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A TCP port of 127.0.0.1 on which nothing listened a moment ago. */
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
 * Whether something answers on that port or Unix socket within a second; with `greeting`, whether it speaks first, as
 * SMTP does.
 */
export function isListening(place: number | string, { greeting = false } = {}): Promise<boolean> {
  return new Promise(resolve => {
    const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place)
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

import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'

/**
 * Finds a TCP port of 127.0.0.1 on which nothing is listening, and which no other process of the tests is given while
 * this one runs. So a server has it from before its first start until after its last, and nobody else answers there
 * while the server is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await nextPort()
    const probe = await listenOn(port)
    if (!probe) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

let block: Promise<IterableIterator<number>> | undefined

async function nextPort(): Promise<number> {
  block ??= claimBlock()
  const mine = block
  const { value, done } = (await mine).next()
  if (!done) return value
  // Another call may have claimed the next block meanwhile.
  if (block === mine) block = claimBlock()
  return nextPort()
}

/** Claims a block of ports for this process by listening on the first of them until the process ends. */
async function claimBlock(): Promise<IterableIterator<number>> {
  const first = Math.floor(Math.random() * BLOCKS)
  for (let tried = 0; tried < BLOCKS; tried++) {
    const start = LOWEST + ((first + tried) % BLOCKS) * BLOCK
    const claim = await listenOn(start)
    if (!claim) continue
    claim.unref()
    return Array.from({ length: BLOCK / 2 - 1 }, (_, index) => start + 2 + 2 * index).values()
  }
  throw new Error(`Processes hold all ports from ${LOWEST} to ${HIGHEST}: end test runs that are left over`)
}

/** @returns the server, or nothing if the port is taken */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer(socket => socket.destroy()).listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}

/**
 * Below the ports that Linux gives to outgoing connections and to servers that ask for any port, which start at 32768.
 * One of those would be given to somebody else while its server starts, or is down.
 */
const [LOWEST, HIGHEST] = [20_000, 32_599]

/**
 * Half of it is about what one process of a whole test run needs. No two neighbours are given out: amavisd's `*` means
 * the port after that of a request, where nobody may listen by chance.
 */
const BLOCK = 200

const BLOCKS = (HIGHEST + 1 - LOWEST) / BLOCK

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

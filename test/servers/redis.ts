import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A Redis of its own: private directory, password, free port of 127.0.0.1. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly password: string
  /** With the password. */
  readonly url: string
  /** Ends the server as an admin would; what it holds is kept. */
  stop(): Promise<void>
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same port: with all that it held, or empty. */
  start(options?: { readonly empty?: boolean }): Promise<void>
  /** Lets it stand still: it takes connections and answers nothing. Undone when the returned value is disposed. */
  freeze(): Disposable
}

/**
 * Every write is on disk before it is answered, so that a killed server comes back with all that it held.
 *
 * @param options of redis-server, beyond those of a small server for tests
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const dir = privateDir('redis', 'redis')
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const data = join(dir.path, 'data')
  const home = dir.own('data')

  let server: Child | undefined
  const start = async ({ empty = false } = {}) => {
    if (empty) rmSync(join(data, 'appendonlydir'), { recursive: true, force: true })
    server = startChild('redis-server', [
      ...['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password, '--dir', home],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--daemonize', 'no'],
      ...options,
    ])
    await server.whileAlive(waitUntil('Redis', () => isListening(port), { every: 10 }))
  }
  await start()
  return {
    port,
    password,
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    start,
    stop: async () => server?.stop(),
    kill: async () => server?.kill(),
    freeze: () => {
      const { pid } = server ?? {}
      if (!pid) throw new Error('there is no server to freeze')
      process.kill(pid, 'SIGSTOP')
      return { [Symbol.dispose]: () => void process.kill(pid, 'SIGCONT') }
    },
    [Symbol.asyncDispose]: async () => {
      await server?.kill()
      dir.remove()
    },
  }
}

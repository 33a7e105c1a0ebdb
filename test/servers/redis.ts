import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A private Redis, with its own directory and password, on a free port of 127.0.0.1. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly password: string
  /** The URL with the password. */
  readonly url: string
  /** Stops the server as an admin would; its data is kept. */
  stop(): Promise<void>
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with its data or empty. */
  start(options?: { readonly empty?: boolean }): Promise<void>
  /** Suspends it: it accepts connections but answers nothing. Disposing the returned value resumes it. */
  freeze(): Disposable
}

/**
 * Starts a server that writes to disk before it answers, so that it has all its data again after it was killed.
 *
 * @param options additional options of redis-server
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
      if (!server) throw new Error('there is no server to freeze')
      return server.freeze()
    },
    [Symbol.asyncDispose]: async () => {
      await server?.kill()
      dir.remove()
    },
  }
}

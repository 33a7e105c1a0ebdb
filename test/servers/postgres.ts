import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { standStill } from './stand-still.ts'
import { waitUntil } from './wait.ts'

/** A private PostgreSQL, with its own data directory, on a free port of 127.0.0.1. */
export interface Postgres extends PostgresAddress, AsyncDisposable {
  /** Stops the server as an admin would; its data and port are kept. */
  stop(): Promise<void>
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Suspends it: it accepts connections but answers nothing. Disposing the returned value resumes it. */
  freeze(): Disposable
}

/** The address of a server and the password of its admin, which is all that a test in another process needs. */
export interface PostgresAddress {
  readonly port: number
  /** The folder of its Unix socket: `?host=` of a URL. */
  readonly socketDir: string
  /** The password of the user `postgres`. */
  readonly adminPassword: string
}

/**
 * Creates and starts a server. Its databases sort by the rules of English by default, as on a machine with a locale.
 *
 * @param settings additional settings, as `name=value` of postgresql.conf
 */
export async function startPostgres(settings: readonly string[] = []): Promise<Postgres> {
  const dir = privateDir('postgres', 'postgres')
  const port = await freePort()
  const adminPassword = randomBytes(12).toString('hex')
  const home = dir.own('home')
  const data = join(home, 'data')
  const as = asUser(dir.user)
  await withPasswordFile(dir.path, adminPassword, file =>
    promisify(execFile)(...as(`${BIN}/initdb`, ['-D', data, `--pwfile=${file}`, ...CLUSTER])),
  )
  const options = [...SMALL, `port=${port}`, `unix_socket_directories=${home}`, ...settings]

  let server: Child | undefined
  const startOnce = async () => {
    server = startChild(...as(`${BIN}/postgres`, ['-D', data, ...options.flatMap(option => ['-c', option])]))
    const ready = () => isReady({ port, socketDir: home, adminPassword })
    await server.whileAlive(waitUntil('PostgreSQL', ready, { every: 20 }))
  }
  const start = async (): Promise<void> => {
    try {
      await startOnce()
    } catch (error) {
      if (!server?.output().includes(STILL_IN_USE)) throw error
      await wait(50)
      return start()
    }
  }
  const kill = async () => {
    if (!server || !(await isListening(port))) return server?.kill()
    // The processes of its connections have their own groups, and would keep its shared memory.
    for (const pid of frozenFamily(server.pid)) process.kill(pid, 'SIGKILL')
    await server.ended
  }
  await start()
  return {
    port,
    socketDir: home,
    adminPassword,
    start,
    kill,
    stop: async () => {
      // SIGTERM would wait until the clients have closed all connections.
      if (server && (await isListening(port))) process.kill(server.pid, 'SIGINT')
      await server?.ended
    },
    freeze: () => {
      if (!server) throw new Error('there is no server to freeze')
      const family = frozenFamily(server.pid)
      return { [Symbol.dispose]: () => family.forEach(pid => void process.kill(pid, 'SIGCONT')) }
    },
    [Symbol.asyncDispose]: async () => {
      await kill()
      dir.remove()
    },
  }
}

/** The processes of a killed server hold its shared memory for a moment longer than itself. */
const STILL_IN_USE = 'pre-existing shared memory block'

/** Runs statements, separated by semicolons, as the server's admin. @returns the rows of the last one */
export async function asPostgres<Row = Record<string, unknown>>(
  server: PostgresAddress,
  statements: string,
  database = 'postgres',
): Promise<Row[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: server.adminPassword,
    database,
  })
  await client.connect()
  try {
    const results = await client.query(statements)
    return [results].flat().at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}

const BIN = '/usr/lib/postgresql/15/bin'

/** ICU's English sorts `a < B < c`, unlike octets (`B < a < c`), and needs no locale on the machine. */
const CLUSTER = [
  ...['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--no-sync', '--no-instructions'],
  ...['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'],
]

/**
 * No waiting for the disk. A killed server still has everything it has committed, because the kernel has it.
 * `synchronous_commit=off` would not do: the commits of the last 0.6 s would only be in the server's own memory.
 */
const SMALL = [
  ...['listen_addresses=127.0.0.1', 'max_connections=300', 'shared_buffers=32MB'],
  ...['fsync=off', 'full_page_writes=off', 'dynamic_shared_memory_type=mmap'],
]

/** Runs a command as another user, because the server refuses to run as root. */
const asUser =
  (user: string) =>
  (command: string, args: readonly string[]): [string, string[]] =>
    process.getuid?.() === 0
      ? ['setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', command, ...args]]
      : [command, [...args]]

async function withPasswordFile(dir: string, password: string, work: (file: string) => Promise<unknown>) {
  const file = join(dir, 'password')
  writeFileSync(file, password, { mode: 0o644 })
  await work(file)
  writeFileSync(file, '')
}

/** Runs a statement: the server listens before it accepts sessions. */
const isReady = (server: PostgresAddress): Promise<boolean> =>
  asPostgres(server, 'select 1').then(
    () => true,
    () => false,
  )

/** Suspends the server's process first, so that it starts no more children, and then its children. */
function frozenFamily(pid: number): number[] {
  standStill(pid)
  const children = childrenOf(pid)
  for (const child of children) standStill(child)
  return [pid, ...children]
}

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A MariaDB of its own: private data directory, free port of 127.0.0.1. */
export interface MariaDb extends MariaDbAddress, AsyncDisposable {
  /** Ends the server as an admin would; the data and the port stay. */
  stop(): Promise<void>
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Lets it stand still: it takes connections and answers nothing. Undone when the returned value is disposed. */
  freeze(): Disposable
}

/** Where a server is and how its admin enters: all that a test in another process needs. */
export interface MariaDbAddress {
  readonly port: number
  readonly socketPath: string
  readonly rootPassword: string
}

/**
 * Takes about 0.7 s, of which the server's own start is 0.1 s.
 *
 * @param options of mariadbd, beyond those of a small server for tests
 */
export async function startMariaDb(options: readonly string[] = []): Promise<MariaDb> {
  const dir = privateDir('mariadb', 'mysql')
  const port = await freePort()
  const rootPassword = randomBytes(12).toString('hex')
  const home = dir.own('home')
  const socketPath = join(home, 'mariadb.sock')
  const common = [
    ...['--no-defaults', `--datadir=${join(home, 'data')}`, `--user=${dir.user}`],
    // Two servers that are installed at once name their temporary tables alike.
    `--tmpdir=${dir.own('tmp')}`,
  ]
  await promisify(execFile)('mariadb-install-db', [
    ...common,
    ...['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
    ...INNODB,
  ])

  let server: Child | undefined
  const start = async () => {
    server = startChild('/usr/sbin/mariadbd', [
      ...common,
      ...INNODB,
      `--port=${port}`,
      `--socket=${socketPath}`,
      ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--skip-log-bin', '--performance-schema=OFF'],
      ...['--max-connections=300', '--character-set-server=utf8mb4'],
      ...options,
    ])
    // It listens there last, after the port.
    await server.whileAlive(waitUntil('MariaDB', () => isListening(socketPath), { every: 10 }))
  }
  await start()
  await setRootPassword(socketPath, rootPassword)
  return {
    port,
    socketPath,
    rootPassword,
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

/** Runs one statement as the server's admin. */
export async function asRoot(
  server: MariaDbAddress,
  statement: string,
  database?: string,
): Promise<RowDataPacket[]> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    password: server.rootPassword,
    multipleStatements: true,
    ...(database === undefined ? {} : { database }),
  })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(statement)
    return rows
  } finally {
    await connection.end()
  }
}

/** Small files and no waiting for the disk; a killed server still finds what it had committed. */
const INNODB = [
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=16M',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-doublewrite=0',
]

/** mariadb-install-db leaves root without a password, for each name of this host. */
async function setRootPassword(socketPath: string, password: string): Promise<void> {
  const connection = await createConnection({ socketPath, user: 'root' })
  for (const host of ['127.0.0.1', 'localhost']) {
    await connection.query(`ALTER USER root@'${host}' IDENTIFIED BY '${password}'`)
  }
  await connection.end()
}

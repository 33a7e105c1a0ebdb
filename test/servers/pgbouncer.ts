import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import type { PostgresStorage } from './postgres-storage.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A PgBouncer before one database, which lets any client in as that database's user. */
export interface PgBouncer extends AsyncDisposable {
  /** The URL of the database through PgBouncer. */
  readonly url: string
}

/** @param settings lines of its section [pgbouncer], such as `pool_mode=transaction` */
export async function startPgBouncer(
  { server, database, user, password, url }: PostgresStorage,
  settings: readonly string[],
): Promise<PgBouncer> {
  const dir = privateDir('pgbouncer', 'postgres')
  const port = await freePort()
  const file = join(dir.path, 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `${database} = host=127.0.0.1 port=${server.port} user=${user} password=${password}`,
    '[pgbouncer]',
    ...['listen_addr=127.0.0.1', `listen_port=${port}`, 'unix_socket_dir=', 'auth_type=any'],
    ...settings,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 })
  // It refuses to run as root.
  const as = process.getuid?.() === 0 ? ['setpriv', `--reuid=${dir.user}`, '--clear-groups'] : []
  const [command = '', ...args] = [...as, '/usr/sbin/pgbouncer', file]
  const child = startChild(command, args)
  await child.whileAlive(waitUntil('PgBouncer', () => isListening(port)))
  return {
    url: url.replace(`:${server.port}/`, `:${port}/`),
    [Symbol.asyncDispose]: async () => {
      await child.kill()
      dir.remove()
    },
  }
}

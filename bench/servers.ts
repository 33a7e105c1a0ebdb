import process from 'node:process'
import { connect } from '../src/ground/database/connect.ts'
import { migrate } from '../src/ground/state/migrate.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { startChild } from '../test/servers/child.ts'
import { startMariaDb } from '../test/servers/mariadb.ts'
import { freePort, isListening } from '../test/servers/ports.ts'
import { createStorage, type MariaDbStorage } from '../test/servers/storage.ts'
import { waitUntil } from '../test/servers/wait.ts'

/** A private MariaDB with amavis's stock tables and ours, all empty. */
export async function startDatabase(stack: AsyncDisposableStack): Promise<MariaDbStorage> {
  const server = stack.use(await startMariaDb(OPTIONS))
  const database = stack.use(await createStorage(server))
  await using own = connect<StateTables>('state', database.url)
  await migrate(own)
  return database
}

/** The size of the log is MariaDB's own: with the small one of the tests, it writes pages all the time. */
const OPTIONS = ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=96M']

/**
 * An SMTP server in a process of its own that discards all mail: Postfix's smtp-sink. It accepts 8,000 mails a second,
 * so it is never the bottleneck.
 *
 * @returns its port
 */
export async function startSink(stack: AsyncDisposableStack): Promise<number> {
  const port = await freePort()
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const sink = startChild('/usr/sbin/smtp-sink', [...user, `127.0.0.1:${port}`, '500'])
  stack.defer(() => sink.kill())
  await sink.whileAlive(waitUntil('smtp-sink', () => isListening(port, { greeting: true })))
  return port
}

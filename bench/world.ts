import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import { migrate } from '../src/ground/state/migrate.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { startChild } from '../test/servers/child.ts'
import { fillStorage, type Volume } from '../test/servers/fill-storage.ts'
import { startMariaDb } from '../test/servers/mariadb.ts'
import { freePort, isListening } from '../test/servers/ports.ts'
import { openSpied, type SpiedDatabase } from '../test/servers/spied-database.ts'
import { createStorage, type MariaDbStorage } from '../test/servers/storage.ts'
import { waitUntil } from '../test/servers/wait.ts'

/** The servers to measure with: a private MariaDB with days of mail, and an SMTP server that discards all mail. */
export interface World extends AsyncDisposable {
  readonly database: MariaDbStorage
  readonly storage: SpiedDatabase<AmavisTables>
  readonly state: SpiedDatabase<StateTables>
  /** When the newest mail came, in milliseconds since the epoch. */
  readonly now: number
  readonly smtpPort: number
  /** Deletes all items and digests. */
  reset(): Promise<void>
}

export async function createWorld(volume: Volume): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startMariaDb(['--innodb-buffer-pool-size=1G']))
  const database = stack.use(await createStorage(server))
  const now = Date.now()
  await fillStorage(database, volume, now)
  const storage = stack.use(openSpied<AmavisTables>(database.url))
  const state = stack.use(openSpied<StateTables>(database.url))
  await migrateIn(database)
  const smtpPort = await startSink(stack)
  const servers = stack.move()
  return {
    database,
    storage,
    state,
    now,
    smtpPort,
    async reset() {
      for (const table of OURS) await database.query(`TRUNCATE ${table}`)
    },
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  }
}

const OURS = ['digest_item', 'digest_digest', 'digest_run', 'digest_watermark']

async function migrateIn({ url }: MariaDbStorage): Promise<void> {
  await using own = connect<StateTables>('state', url)
  await migrate(own)
}

/** Postfix's smtp-sink accepts 8,000 mails a second, so it is never the bottleneck. */
async function startSink(stack: AsyncDisposableStack): Promise<number> {
  const port = await freePort()
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const sink = startChild('/usr/sbin/smtp-sink', [...user, `127.0.0.1:${port}`, '500'])
  stack.defer(() => sink.kill())
  await sink.whileAlive(waitUntil('smtp-sink', () => isListening(port, { greeting: true })))
  return port
}

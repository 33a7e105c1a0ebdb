import { setTimeout as wait } from 'node:timers/promises'
import { DAY, SECOND } from '../src/ground/durations.ts'
import { startMariaDb } from '../test/servers/mariadb.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { createPostgresStorage } from '../test/servers/postgres-storage.ts'
import { createSqliteStorage } from '../test/servers/sqlite-storage.ts'
import { createStorage, type Storage } from '../test/servers/storage.ts'
import { type FilledKind, fillQuarantine } from './quarantine-rows.ts'

/**
 * Fills a large quarantine, prints its URL for `bench/quarantine.ts`, and keeps its server until it is interrupted. To be
 * started as `node bench/fill-quarantine.ts mariadb|postgres|sqlite [MSGRCPT]`. The rows are the same each time.
 */
const [kind = 'mariadb', rows = '5000000'] = process.argv.slice(2)
const LARGE = ['shared_buffers=1GB', 'maintenance_work_mem=512MB', 'max_wal_size=8GB']

await using stack = new AsyncDisposableStack()
const world = await createWorld()
const begun = performance.now()
await fillQuarantine(world, kind as FilledKind, {
  recipients: Number(rows),
  readers: 20_000,
  days: 60,
  now: Date.now(),
})
process.stderr.write(
  `${rows} rows of msgrcpt, filled in ${Math.round((performance.now() - begun) / SECOND)} s\n`,
)
process.stdout.write(`${world.url}\n`)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
await wait(DAY, undefined, { signal: stop.signal }).catch(() => undefined)

async function createWorld(): Promise<Storage> {
  if (kind === 'sqlite') return stack.use(await createSqliteStorage())
  if (kind === 'postgres')
    return stack.use(await createPostgresStorage(stack.use(await startPostgres(LARGE))))
  return stack.use(await createStorage(stack.use(await startMariaDb(['--innodb-buffer-pool-size=1G']))))
}

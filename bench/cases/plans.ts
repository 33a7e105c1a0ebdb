import process from 'node:process'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { collect } from '../../src/work/collect/collect.ts'
import { writeWatermark } from '../../src/work/collect/watermark.ts'
import { startMariaDb } from '../../test/servers/mariadb.ts'
import { startPostgres } from '../../test/servers/postgres.ts'
import { createPostgresStorage } from '../../test/servers/postgres-storage.ts'
import { createSqliteStorage } from '../../test/servers/sqlite-storage.ts'
import { createStorage, type Storage } from '../../test/servers/storage.ts'
import { COLLECTING } from '../collecting-settings.ts'
import { type BenchCase, type Figure, figure } from '../figures.ts'
import { type Plan, plansOf } from '../plans-of.ts'
import { type FilledKind, fillQuarantine } from '../quarantine-rows.ts'

/**
 * Collecting where amavis's tables are large, on each database: how long a window takes, whether a statement reads a
 * whole table, and how many rows are read for one that is found. The plans go to the standard error.
 */
export const plans: BenchCase = {
  name: 'plans',
  title: 'Collecting from large tables of amavis',
  async *measure({ quick, rounds, seed }) {
    const volume = quick ? QUICK : FULL
    for (const kind of KINDS) {
      await using stack = new AsyncDisposableStack()
      const world = await WORLDS[kind](stack)
      const now = Date.now()
      await fillQuarantine(world, kind, { ...volume, seed, now })
      await using own = connect<StateTables>('state', world.url)
      await migrate(own)
      await fillItems(world, kind)
      const name = `${kind}, ${volume.recipients.toLocaleString('en')} rows of msgrcpt`
      yield* timesOf(world, own, { kind, name, now, rounds })
      yield* plansAt(world, own, { kind, name, now })
    }
  },
}

const FULL = { recipients: 10_000_000, readers: 100_000, days: 30 }
const QUICK = { recipients: 20_000, readers: 1_000, days: 3 }

const KINDS = ['mariadb', 'postgres', 'sqlite'] as const

/** Its cache holds a tenth of the tables. */
const MARIADB = ['--innodb-buffer-pool-size=512M', '--innodb-log-file-size=96M']

const WORLDS: Readonly<Record<FilledKind, (stack: AsyncDisposableStack) => Promise<Storage>>> = {
  mariadb: async stack => stack.use(await createStorage(stack.use(await startMariaDb(MARIADB)))),
  postgres: async stack =>
    stack.use(await createPostgresStorage(stack.use(await startPostgres(['shared_buffers=512MB'])))),
  sqlite: async stack => stack.use(await createSqliteStorage()),
}

/** Items of former mail, for a fifth of the recipients: without them, reading all items would be quick. */
async function fillItems(world: Storage, kind: FilledKind): Promise<void> {
  await world.query(`INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at, digest_id)
    SELECT ${ITEM_ID[kind]}, partition_tag, ${MAIL_ID[kind]}, rseqnum, 'reader@example.com', 'reader@example.com', 'S', 1, 1, 'former'
    FROM msgrcpt WHERE rid % 5 = 0`)
  await world.query(kind === 'mariadb' ? 'ANALYZE TABLE digest_item' : 'ANALYZE digest_item')
}

const ITEM_ID = {
  mariadb: "CONCAT(mail_id, '/', partition_tag, '/', rseqnum)",
  postgres: "concat(convert_from(mail_id, 'UTF8'), '/', partition_tag, '/', rseqnum)",
  sqlite: "mail_id || '/' || partition_tag || '/' || rseqnum",
}

const MAIL_ID = { mariadb: 'mail_id', postgres: "convert_from(mail_id, 'UTF8')", sqlite: 'mail_id' }

const WINDOWS = [
  ['a minute', MINUTE],
  ['15 minutes', 15 * MINUTE],
  ['a day', DAY],
] as const

interface Measuring {
  readonly kind: FilledKind
  readonly name: string
  readonly now: number
}

async function* timesOf(
  world: Storage,
  state: Database<StateTables>,
  { name, now, rounds }: Measuring & { readonly rounds: number },
): AsyncGenerator<Figure> {
  await using storage = connect<AmavisTables>('storage', world.url)
  for (const [window, length] of WINDOWS) {
    const took: number[] = []
    let added = 0
    for (let round = 0; round < rounds; round += 1) {
      await collectedUntil(state, now - length)
      const begun = performance.now()
      added = await collect({ ...ONE_WINDOW, storage: storage.sql, state }, now)
      took.push(performance.now() - begun)
    }
    yield figure(`${name}: ${window}, ${added.toLocaleString('en')} held mails`, 'ms', took)
  }
}

const ONE_WINDOW = { ...COLLECTING, overlap: 0 }

async function collectedUntil(state: Database<StateTables>, time: number): Promise<void> {
  await state.sql.deleteFrom('digest_item').where('digest_id', 'is', null).execute()
  await writeWatermark(state, time)
}

async function* plansAt(
  world: Storage,
  own: Database<StateTables>,
  { kind, name, now }: Measuring,
): AsyncGenerator<Figure> {
  for (const [window, length] of WINDOWS) {
    await collectedUntil(own, now - length)
    const found = await plansOf(world.url, kind, (storage, state) =>
      collect({ ...ONE_WINDOW, storage: storage.sql, state }, now),
    )
    for (const plan of found) say(plan)
    yield figure(
      `${name}: ${window}, statements that read a whole table`,
      '',
      [found.filter(readsAll).length],
      NONE,
    )
    const shares = found.flatMap(({ rows }) => (rows && rows.found > 0 ? [rows.read / rows.found] : []))
    if (shares.length > 0)
      yield figure(`${name}: ${window}, rows read for one that is found, at most`, '', [Math.max(...shares)])
  }
}

const NONE = { of: 'ours', atMost: 0 } as const

const readsAll = (plan: Plan): boolean => plan.readsAll

function say({ statement, steps, rows }: Plan): void {
  const counted = rows ? `${rows.read} rows read, ${rows.found} found` : ''
  const lines = [statement, ...steps.map(step => `    ${step}`), `    ${counted}`]
  process.stderr.write(lines.map(line => `${line.slice(0, LONGEST)}\n`).join(''))
}

/** Characters of a line: a plan may repeat all values of an IN. */
const LONGEST = 400

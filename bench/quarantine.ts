import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import { addresses } from '../src/ground/directory/addresses.ts'
import { DAY, SECOND } from '../src/ground/durations.ts'
import { migrate } from '../src/ground/state/migrate.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import type { Viewer } from '../src/rules/reach/viewer.ts'
import { asReader } from '../src/rules/reach/visitor.ts'
import { parseSearch } from '../src/rules/search/parse-search.ts'
import type { Order } from '../src/rules/search/search.ts'
import type { HeldListRequest } from '../src/work/quarantine/held-list.ts'
import { listHeld } from '../src/work/quarantine/list/list-held.ts'
import { startMariaDb } from '../test/servers/mariadb.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { createPostgresStorage } from '../test/servers/postgres-storage.ts'
import { createSqliteStorage } from '../test/servers/sqlite-storage.ts'
import { createStorage, type Storage } from '../test/servers/storage.ts'
import { type FilledKind, fillQuarantine, type QuarantineVolume } from './quarantine-rows.ts'

/**
 * How long the first page of a list takes, and later ones, in a large quarantine. To be started as
 * `node bench/quarantine.ts mariadb|postgres|sqlite [MSGRCPT] [ROUNDS]`. The rows are the same each time.
 */
const [kind = 'mariadb', rows = '5000000', rounds = '15'] = process.argv.slice(2)
const NOW = Date.now()
const volume: QuarantineVolume = { recipients: Number(rows), readers: 20_000, days: 60, now: NOW }

await using stack = new AsyncDisposableStack()
const world = await createWorld(kind)
const filling = performance.now()
await fillQuarantine(world, kind as FilledKind, volume)
await using storage = connect<AmavisTables>('storage', world.url)
await using state = connect<StateTables>('state', world.url)
await migrate(state)
say(`${kind}: ${rows} rows of msgrcpt, filled in ${Math.round((performance.now() - filling) / SECOND)} s`)

const deps = { storage: storage.sql, state, directory: addresses(''), clock: () => Date.now() }
const ADMIN: Viewer = { as: 'admin', actor: actor('root'), reach: undefined, may: ['read'] }

await measure('reader with few', nth => firstPage(reader(19_000 - nth)))
await measure('reader with many', () => firstPage(reader(1)))
await measure('reader in between', nth => firstPage(reader(2 + nth * 10)))
await measure('reader, words', nth => firstPage(reader(19_000 - nth), `waiting order`))
await measure('reader with many, rare word', () => firstPage(reader(1), 'zebra'))
await measure('admin, newest', () => firstPage(ADMIN))
await measure('admin, common words', () => firstPage(ADMIN, 'waiting shop'))
await measure('admin, rare word', () => firstPage(ADMIN, 'zebra'))
await measure('admin, from: address', nth => firstPage(ADMIN, `from:news${nth * 7}@shop${nth * 7}.example`))
await measure('admin, to: address', nth =>
  firstPage(ADMIN, `to:reader${9000 + nth}@d${(9000 + nth) % 2000}.example`),
)
await measure('admin, type:virus', () => firstPage(ADMIN, 'type:virus'))
await measure('admin, is:released', () => firstPage(ADMIN, 'is:released'))
await measure('admin, score', () => firstPage(ADMIN, 'score:>34'))
await measure('admin of one domain', nth => firstPage({ ...ADMIN, reach: [`d${nth}.example`] }))
for (const order of ['score', 'sender', 'subject', 'size', 'type'] as readonly Order[]) {
  await measure(`admin by ${order}`, () => firstPage(ADMIN, '', { order }))
  await measure(`reader with many by ${order}`, () => firstPage(reader(1), '', { order }))
}
await measurePages('admin, page 2 to 40', ADMIN, '')
await measurePages('reader with many, page 2 to 40', reader(1), '')
await measurePages('admin by score, page 2 to 20', ADMIN, '', { order: 'score' })
await measurePages('admin, rare word, going on', ADMIN, 'zebra')

function reader(number: number): Viewer {
  const address = `reader${number}@d${number % 2000}.example`
  return { as: 'reader', visitor: asReader(address), actor: actor(address) }
}

function actor(name: string) {
  return { kind: 'admin', name, remoteAddress: null } as const
}

function firstPage(viewer: Viewer, search = '', request: Partial<HeldListRequest> = {}) {
  return listHeld(deps, viewer, {
    search: parseSearch(search, { now: Date.now(), timeZone: 'Europe/Paris' }),
    order: 'date',
    direction: 'descending',
    limit: 50,
    ...request,
  })
}

type Listed = Awaited<ReturnType<typeof firstPage>>

async function measure(name: string, work: (nth: number) => Promise<Listed>): Promise<void> {
  const took: number[] = []
  let last: Listed | undefined
  for (let round = 0; round < Number(rounds); round += 1) {
    const begun = performance.now()
    last = await work(round)
    took.push(performance.now() - begun)
  }
  report(name, took, last)
}

async function measurePages(
  name: string,
  viewer: Viewer,
  search: string,
  request: Partial<HeldListRequest> = {},
): Promise<void> {
  const took: number[] = []
  let page = await firstPage(viewer, search, request)
  for (let nth = 0; nth < 39 && page.next; nth += 1) {
    const begun = performance.now()
    page = await firstPage(viewer, search, { ...request, after: page.next })
    took.push(performance.now() - begun)
  }
  report(name, took, page)
}

function report(name: string, took: readonly number[], last: Listed | undefined): void {
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0).padStart(4)
  const back = last?.lookedBackTo && `looked back ${((NOW - last.lookedBackTo) / DAY).toFixed(2)} days`
  say(
    name.padEnd(34),
    `first ${(took[0] ?? 0).toFixed(0).padStart(4)}  p50 ${at(0.5)}  p95 ${at(0.95)} ms`,
    ` ${last?.messages.length ?? 0} lines`,
    last?.isCut ? 'cut' : '',
    back ?? '',
  )
}

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}

async function createWorld(on: string): Promise<Storage> {
  if (on === 'postgres') return stack.use(await createPostgresStorage(stack.use(await startPostgres())))
  if (on === 'sqlite') return stack.use(await createSqliteStorage())
  return stack.use(await createStorage(stack.use(await startMariaDb(['--innodb-buffer-pool-size=1G']))))
}

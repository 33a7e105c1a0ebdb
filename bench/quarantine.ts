import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import { addresses } from '../src/ground/directory/addresses.ts'
import { DAY } from '../src/ground/durations.ts'
import { migrate } from '../src/ground/state/migrate.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import type { Viewer } from '../src/rules/reach/viewer.ts'
import { asReader } from '../src/rules/reach/visitor.ts'
import { parseSearch } from '../src/rules/search/parse-search.ts'
import type { Order } from '../src/rules/search/search.ts'
import type { HeldListRequest } from '../src/work/quarantine/held-list.ts'
import { listHeld } from '../src/work/quarantine/list/list-held.ts'
import { summaryOf } from '../src/work/quarantine/list/summary-of.ts'
import { serverOf } from './server-cpu.ts'

/**
 * How long the first page of a list takes, and later ones, in a large quarantine. To be started as
 * `node bench/quarantine.ts URL [ROUNDS] [NAME]`, with a database that `bench/fill-quarantine.ts` has filled and is still
 * running. NAME: only the lists whose names contain it. Wall-clock times depend on what else the machine does; the CPU
 * times of this process and of the database hardly do.
 */
const [url = '', rounds = '15', wanted = ''] = process.argv.slice(2)
const NOW = Date.now()

await using storage = connect<AmavisTables>('storage', url)
await using state = connect<StateTables>('state', url)
await migrate(state)
const server = serverOf(url)

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
await measure('admin, from: address', nth => firstPage(ADMIN, `from:news${nth * 5}@shop${nth * 5}.example`))
await measure('admin, to: address', nth =>
  firstPage(ADMIN, `to:reader${9000 + nth}@d${(9000 + nth) % 2000}.example`),
)
await measure('admin, type:virus', () => firstPage(ADMIN, 'type:virus'))
await measure('admin, is:released', () => firstPage(ADMIN, 'is:released'))
await measure('admin, is:deleted', () => firstPage(ADMIN, 'is:deleted'))
await measure('admin, score', () => firstPage(ADMIN, 'score:>34'))
await measure('admin, size', () => firstPage(ADMIN, 'size:>60k'))
await measure('admin of one domain', nth => firstPage({ ...ADMIN, reach: [`d${nth}.example`] }))
await measure('admin of a small domain', nth => firstPage({ ...ADMIN, reach: [`d${1900 + nth}.example`] }))
for (const order of ['score', 'sender', 'subject', 'size', 'type'] as readonly Order[]) {
  await measure(`admin by ${order}`, () => firstPage(ADMIN, '', { order }))
  await measure(`reader with many by ${order}`, () => firstPage(reader(1), '', { order }))
}
await measure('reader with few by score', nth => firstPage(reader(19_000 - nth), '', { order: 'score' }))
await measurePages('admin, page 2 to 40', ADMIN, '')
await measurePages('reader with many, page 2 to 40', reader(1), '')
await measurePages('admin by score, page 2 to 20', ADMIN, '', { order: 'score' })
await measurePages('admin, rare word, going on', ADMIN, 'zebra')
await measurePages('admin of a small domain, going on', { ...ADMIN, reach: ['d1990.example'] }, '')
await measureSummary('summary of a reader with few', nth => reader(19_000 - nth))
await measureSummary('summary of a site', () => ADMIN)

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
  if (!name.includes(wanted)) return
  await report(name, describe, async function* () {
    for (let round = 0; round < Number(rounds); round += 1) yield () => work(round)
  })
}

async function measurePages(
  name: string,
  viewer: Viewer,
  search: string,
  request: Partial<HeldListRequest> = {},
): Promise<void> {
  if (!name.includes(wanted)) return
  let page = await firstPage(viewer, search, request)
  await report(name, describe, async function* () {
    for (let nth = 0; nth < 39 && page.next; nth += 1)
      yield async () => (page = await firstPage(viewer, search, { ...request, after: page.next }))
  })
}

async function measureSummary(name: string, viewer: (nth: number) => Viewer): Promise<void> {
  if (!name.includes(wanted)) return
  const days = ({ days, isCounting }: Awaited<ReturnType<typeof summaryOf>>) =>
    `${days.length} days${isCounting ? ', still counting' : ''}`
  await report(name, days, async function* () {
    for (let round = 0; round < Number(rounds); round += 1)
      yield () => summaryOf(deps, viewer(round), { days: 14, timeZone: 'Europe/Paris' })
  })
}

function describe({ messages, isCut, lookedBackTo }: Listed): string {
  return [
    `${messages.length} lines`,
    isCut ? 'cut' : '',
    lookedBackTo ? `looked back ${((NOW - lookedBackTo) / DAY).toFixed(2)} days` : '',
  ].join(' ')
}

async function report<T>(
  name: string,
  describeLast: (last: T) => string,
  works: () => AsyncGenerator<() => Promise<T>>,
): Promise<void> {
  const took: number[] = []
  let last: T | undefined
  const [cpuBefore, serverBefore] = [process.cpuUsage(), server.cpu()]
  for await (const work of works()) {
    const begun = performance.now()
    last = await work()
    took.push(performance.now() - begun)
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const each = (milliseconds: number) => (milliseconds / took.length).toFixed(0).padStart(4)
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(0).padStart(4)
  say(
    `${name} (${took.length})`.padEnd(38),
    `first ${(took[0] ?? 0).toFixed(0).padStart(4)}  p50 ${at(0.5)}  p95 ${at(0.95)} ms`,
    ` CPU${each((user + system) / 1000)} +${each(server.cpu() - serverBefore)} ms `,
    last === undefined ? '' : describeLast(last),
  )
}

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}

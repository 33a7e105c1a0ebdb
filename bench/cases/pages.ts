import { setTimeout as wait } from 'node:timers/promises'
import { apiKeys } from '../../src/desks/admin/api-keys/api-keys.ts'
import { API_SCOPES } from '../../src/desks/admin/api-keys/api-scopes.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { DAY } from '../../src/ground/durations.ts'
import { openKeyRing } from '../../src/ground/links/key-ring.ts'
import { bindingOf, signToken } from '../../src/ground/links/token.ts'
import { beginSession } from '../../src/ground/sign-in/sessions.ts'
import type { SignInKind, StateTables } from '../../src/ground/state/state-tables.ts'
import type { Child } from '../../test/servers/child.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { createProgram, type Program } from '../../test/stack/program.ts'
import { buildProgram, spawnBuilt } from '../built-program.ts'
import { type BenchCase, type Figure, figure } from '../figures.ts'
import { type Group, getRoutes } from '../get-routes.ts'
import { fillOwnTables } from '../own-rows.ts'
import { pageRequest, type Sample, type SampleDigest } from '../page-requests.ts'
import { fillQuarantine } from '../quarantine-rows.ts'
import { startDatabase } from '../servers.ts'

/**
 * How long every page and every answer of the API takes that only reads, on a large quarantine: each is asked for twenty
 * times, in different ways. The slowest page of each group counts.
 */
export const pages: BenchCase = {
  name: 'pages',
  title: 'Pages and the API',
  async *measure({ quick, seed }) {
    await using stack = new AsyncDisposableStack()
    const volume = quick ? QUICK : FULL
    const database = await startDatabase(stack)
    const now = Date.now()
    await fillQuarantine(database, 'mariadb', { ...volume, days: 60, seed, now })
    await fillOwnTables(database, { ...volume, now, daysOfDigest: 4, releasedOneOf: 50 })
    const [row] = await database.query<{ digests: number }>('SELECT COUNT(*) AS digests FROM digest_digest')
    const [recipients, readers] = [volume.recipients, volume.readers].map(rows => rows.toLocaleString('en'))
    const beside = `${recipients} rows of msgrcpt, ${readers} readers`
    yield figure(`digests, beside ${beside}`, '', [Number(row?.digests)])
    yield* measurePages(database, now, timesOfEach(quick))
  },
}

async function* measurePages(database: MariaDbStorage, now: number, times: number): AsyncGenerator<Figure> {
  await using stack = new AsyncDisposableStack()
  const program = stack.use(await createProgram(settingsFor(database)))
  const service = await startServe(program, stack)
  const sample = await sampleOf(database, program, now)
  const visitors = await signIn(database, sample)
  const stall = stallsOf(service)
  for (const visitor of visitors) yield* measureGroup({ program, times, stallNow: stall, sample }, visitor)
}

const FULL = { recipients: 5_000_000, readers: 100_000 }
const QUICK = { recipients: 50_000, readers: 1_000 }

const TARGET = { of: 'ours', atMost: 150 } as const
/** In a quick run, too few to tell a percentile: then the slowest counts. */
const timesOfEach = (quick: boolean): number => (quick ? 4 : 20)

const settingsFor = ({ url }: MariaDbStorage) => ({
  storage: { url },
  publicUrl: 'http://quarantine.example.com',
  http: { perAddress: 1_000_000, perLink: 1_000_000, perKey: 1_000_000 },
  purge: { olderThan: '60d' },
  admins: [ROOT, { address: OF_ONE_DOMAIN, domains: ['d7.example'] }],
  // Only on leap days, so that no run is made meanwhile.
  schedules: [
    { name: 'daily', cron: '0 0 29 2 *', timezone: 'reader', default: true },
    { name: 'mornings', cron: ['0 7 * * 1-5', '30 12 * * *'], timezone: 'reader' },
  ],
})

const ROOT = 'root@example.com'
const OF_ONE_DOMAIN = 'one@example.com'

async function startServe(program: Program, stack: AsyncDisposableStack): Promise<Child> {
  buildProgram()
  const watching = new URL('../processes/watch-stalls.ts', import.meta.url).pathname
  const service = spawnBuilt(program, ['serve'], ['--import', watching])
  stack.defer(service.stop)
  await service.whileAlive(untilReady(service))
  return service
}

async function untilReady(service: Child): Promise<void> {
  while (!service.output().includes('"msg":"ready"')) await wait(50)
}

/** Somebody who asks for the routes of a group. */
interface Visitor {
  readonly name: string
  readonly group: Group
  headers(reader: string): Readonly<Record<string, string>>
}

async function signIn(database: MariaDbStorage, { readers, digests }: Sample): Promise<readonly Visitor[]> {
  await using state = connect<StateTables>('state', database.url)
  const deps = { state, clock: Date.now, limits: LIMITS }
  const session = async (kind: SignInKind, address: string) => ({
    cookie: `amavis-digest${kind === 'reader' ? '-reader' : ''}=${await beginSession(deps, { kind, address, mailTo: address })}`,
  })
  const cookies = new Map<string, { readonly cookie: string }>()
  for (const reader of new Set([...readers, ...digests.map(digest => digest.reader)]))
    cookies.set(reader, await session('reader', reader))
  const by = { kind: 'program', name: 'bench', remoteAddress: null } as const
  const key = await apiKeys(deps).make(by, { name: 'bench', scopes: API_SCOPES, domains: undefined })
  const [root, ofOneDomain] = [await session('admin', ROOT), await session('admin', OF_ONE_DOMAIN)]
  return [
    { name: "readers' links", group: 'links', headers: () => ({}) },
    { name: "readers' pages", group: 'reader', headers: reader => cookies.get(reader) ?? {} },
    { name: "admins' pages", group: 'admin', headers: () => root },
    { name: "pages of one domain's admin", group: 'admin', headers: () => ofOneDomain },
    { name: 'API', group: 'api', headers: () => ({ authorization: `Bearer ${key.text}` }) },
  ]
}

const LIMITS = { sessionLifetime: DAY } as never

interface Measuring {
  readonly program: Program
  /** How often each route is asked. */
  readonly times: number
  stallNow(): Promise<number>
  readonly sample: Sample
}

async function* measureGroup(
  { program, times, stallNow, sample }: Measuring,
  visitor: Visitor,
): AsyncGenerator<Figure> {
  const measured: { readonly route: string; readonly p95: number; readonly stall: number }[] = []
  for (const route of getRoutes()[visitor.group]) {
    await stallNow()
    const took = await timesOf({ program, times, sample }, visitor, route)
    measured.push({ route, p95: percentile(took, 0.95), stall: await stallNow() })
  }
  const slowest = measured.toSorted((a, b) => b.p95 - a.p95)
  for (const [place, { route, p95 }] of slowest.entries())
    if (place === 0 || p95 > TARGET.atMost)
      yield figure(
        `${visitor.name}, slowest ${place + 1} of ${measured.length}: ${route}`,
        'ms',
        [p95],
        TARGET,
      )
  const calendar = measured.find(({ route }) => route.endsWith('/calendar'))
  if (calendar)
    yield figure(`${calendar.route} of 418 time zones: longest stall`, 'ms', [calendar.stall], {
      of: 'ours',
      atMost: 50,
    })
}

async function timesOf(
  { program, times, sample }: Omit<Measuring, 'stallNow'>,
  visitor: Visitor,
  route: string,
): Promise<number[]> {
  const took: number[] = []
  let next: string | undefined
  for (let nth = 0; nth < times; nth += 1) {
    const { target, reader } = pageRequest(visitor.group, route, nth, sample, next)
    const url = `${program.url}${visitor.group === 'api' ? '/api/v1' : ''}${target}`
    const begun = performance.now()
    const response = await fetch(url, { headers: visitor.headers(reader), redirect: 'manual' })
    const text = await response.text()
    took.push(performance.now() - begun)
    if (response.status >= 500) throw new Error(`${response.status} for ${target}: ${text.slice(0, 300)}`)
    next = nextIn(text)
  }
  return took
}

/** The query of the next page of a list. */
function nextIn(text: string): string | undefined {
  const query = /<a[^>]* href="[^"?]*\?([^"]*\bafter=[^"]*)"/.exec(text)?.[1]
  if (query !== undefined) return query.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
  const cursor = /"next":"([^"]+)"/.exec(text)?.[1]
  return cursor && `cursor=${encodeURIComponent(cursor)}`
}

/**
 * Asks a service for the longest time, in milliseconds, for which it has not looked at what came in since the last call.
 */
function stallsOf(service: Child): () => Promise<number> {
  let nth = 0
  return async () => {
    nth += 1
    process.kill(service.pid, 'SIGUSR2')
    const answer = new RegExp(`\\{"nth":${nth},"stall":(\\d+)\\}`)
    for (;;) {
      const found = answer.exec(service.output())?.[1]
      if (found !== undefined) return Number(found)
      await wait(5)
    }
  }
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN

/** Readers with much mail and with little, digests of the last two weeks, and requests. */
async function sampleOf({ query }: MariaDbStorage, { keyFile }: Program, now: number): Promise<Sample> {
  const readers = await query<{ reader: string }>(
    `(SELECT reader FROM digest_digest WHERE created_at > ? GROUP BY reader ORDER BY SUM(item_count) DESC LIMIT 5)
     UNION ALL (SELECT DISTINCT reader FROM digest_digest WHERE created_at > ? AND item_count < 3 LIMIT 15)`,
    [now - 10 * DAY, now - 5 * DAY],
  )
  const listed = await query<ListedRow>(
    `SELECT d.digest_id, d.reader, i.item_id, i.recipient, i.partition_tag, i.mail_id, i.rseqnum
     FROM digest_digest d JOIN digest_item i ON i.digest_id = d.digest_id
     WHERE d.state = 'sent' AND d.created_at > ? AND i.content = 'S' GROUP BY d.digest_id
     ORDER BY d.item_count DESC, d.digest_id LIMIT 20`,
    [now - 9 * DAY],
  )
  const requests = await query<{ request_id: string }>('SELECT request_id FROM digest_request LIMIT 20')
  const key = openKeyRing(keyFile, now, () => undefined).current(now)
  return {
    readers: readers.map(row => row.reader),
    digests: listed.map(row => digestOf(row, key, now + 30 * DAY)),
    requests: requests.map(row => row.request_id),
  }
}

interface ListedRow {
  readonly digest_id: string
  readonly reader: string
  readonly item_id: string
  readonly recipient: string
  readonly partition_tag: number
  readonly mail_id: string
  readonly rseqnum: number
}

type Key = Parameters<typeof signToken>[1]

function digestOf(row: ListedRow, key: Key, expiresAt: number): SampleDigest {
  const ofDigest = (purpose: 'digest' | 'preferences' | 'canary') =>
    signToken(
      { purpose, subject: row.digest_id, binding: bindingOf(row.digest_id, row.reader), expiresAt },
      key,
    )
  const release = signToken(
    { purpose: 'release', subject: row.item_id, binding: bindingOf(row.recipient, row.reader), expiresAt },
    key,
  )
  return {
    id: row.digest_id,
    reader: row.reader,
    ref: `${row.partition_tag}.${row.mail_id}.${row.rseqnum}`,
    tokens: {
      release,
      digest: ofDigest('digest'),
      preferences: ofDigest('preferences'),
      more: ofDigest('canary'),
    },
  }
}

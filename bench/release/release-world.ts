import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { exchange } from '../../src/ground/amavisd/am-pdp/exchange.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { DAY } from '../../src/ground/durations.ts'
import { openKeyRing } from '../../src/ground/links/key-ring.ts'
import { bindingOf, signToken } from '../../src/ground/links/token.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { startChild } from '../../test/servers/child.ts'
import { fillStorage } from '../../test/servers/fill-storage.ts'
import { privateDir } from '../../test/servers/private-dir.ts'
import { waitUntil } from '../../test/servers/wait.ts'
import { createProgram } from '../../test/stack/program.ts'
import { buildProgram, endOf, spawnBuilt } from '../built-program.ts'
import { cpuOfProcess } from '../process-figures.ts'
import { startDatabase, startSink } from '../servers.ts'

/** `serve` as it runs at a site, with a MariaDB, a digest for each reader, and an amavisd that answers at once. */
export interface ReleaseWorld extends AsyncDisposable {
  readonly port: number
  /** Asks the amavisd so many times, a hundred times a second. @returns milliseconds */
  askAmavisd(times: number): Promise<{ readonly p50: number; readonly p99: number }>
  /** The paths of links to held spam, each to another message. */
  readonly links: readonly string[]
  /** Milliseconds of CPU time that `serve` has taken so far, in steps of ten. */
  cpu(): number
  /** Has all digests sent again by the running service, and waits until they are. */
  deliver(): Promise<Delivered>
}

/** What was sent after the first look that found some sent. */
export interface Delivered {
  readonly digests: number
  readonly seconds: number
}

export interface ReleaseWorldOptions {
  readonly messages: number
  readonly readers: number
  /** How many milliseconds the amavisd takes. */
  readonly amavisdTakes: number
}

export async function createReleaseWorld(options: ReleaseWorldOptions): Promise<ReleaseWorld> {
  await using stack = new AsyncDisposableStack()
  buildProgram()
  const { messages, readers } = options
  const database = await startDatabase(stack)
  await fillStorage(database, { messages, readers, days: 1 }, Date.now())
  const state = stack.use(connect<StateTables>('state', database.url))
  const smtpPort = await startSink(stack)
  const amavisd = await startAmavisd(stack, options.amavisdTakes)
  const program = stack.use(
    await createProgram({
      storage: { url: database.url },
      smtp: { url: `smtp://127.0.0.1:${smtpPort}`, from: 'Mail quarantine <quarantine@example.com>' },
      release: { via: `unix://${amavisd}` },
      http: { perAddress: 100_000_000, perLink: 100_000_000 },
      collect: { initial: '48h' },
    }),
  )
  await endOf(spawnBuilt(program, ['run']))
  const serve = spawnBuilt(program, ['serve'])
  stack.defer(serve.stop)
  await serve.whileAlive(waitUntil('serve', () => isReady(program.url)))
  const cpu = () => cpuOfProcess(serve.pid)
  const links = await linksOf(state, program.keyFile)
  const servers = stack.move()
  return {
    port: Number(new URL(program.url).port),
    askAmavisd: times => askAmavisd(amavisd, times),
    links,
    cpu,
    deliver: async () => {
      const digests = await beginDelivery(state)
      const start = performance.now()
      const areSent = async () => (await waitingDigests(state)) === 0
      await waitUntil('all digests sent', areSent, { timeout: 60_000 })
      return { digests, seconds: (performance.now() - start) / 1000 }
    },
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  }
}

async function startAmavisd(stack: AsyncDisposableStack, takes: number): Promise<string> {
  const folder = privateDir('am-pdp', 'nobody')
  stack.defer(folder.remove)
  const path = join(folder.path, 'amavisd.sock')
  const child = startChild(process.execPath, [AMAVISD, path, String(takes)])
  stack.defer(child.stop)
  await child.whileAlive(waitUntil('amavisd', async () => child.output().includes('listening')))
  return path
}

async function askAmavisd(path: string, times: number) {
  const took: number[] = []
  for (let asked = 0; asked < times; asked += 1) {
    await sleep(10)
    const start = performance.now()
    await exchange({ path }, 'request=release\r\n\r\n', 10_000)
    took.push(performance.now() - start)
  }
  took.sort((a, b) => a - b)
  return { p50: took[Math.floor(times / 2)] ?? 0, p99: took[Math.floor(times * 0.99)] ?? 0 }
}

const AMAVISD = fileURLToPath(new URL('am-pdp-process.ts', import.meta.url))

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    answer => answer.ok,
    () => false,
  )

async function linksOf(state: Database<StateTables>, keyFile: string): Promise<string[]> {
  const now = Date.now()
  const key = openKeyRing(keyFile, now, error => {
    throw error
  }).current(now)
  const rows = await state.sql
    .selectFrom('digest_item')
    .select(['item_id', 'mail_id', 'recipient', 'reader'])
    .where('content', '=', 'S')
    .where('digest_id', 'is not', null)
    .execute()
  // amavisd's own ids begin with a letter or a digit; others are not even sent to it.
  return rows
    .filter(({ mail_id }) => /^[a-z\d]/i.test(mail_id))
    .map(({ item_id, recipient, reader }) => {
      const binding = bindingOf(recipient, reader)
      const link = { purpose: 'release', subject: item_id, binding, expiresAt: now + DAY } as const
      return `/release/${signToken(link, key)}`
    })
}

/**
 * Makes all digests due, and waits for the first one to be sent: until then, the service has only not looked yet whether
 * there is work. A digest whose messages have all been released is not sent, but settled.
 *
 * @returns how many are left
 */
async function beginDelivery(state: Database<StateTables>): Promise<number> {
  await state.sql
    .updateTable('digest_digest')
    .set({ state: 'pending', next_attempt_at: Date.now(), lease_until: null })
    .execute()
  const all = await waitingDigests(state)
  const hasBegun = async () => (await waitingDigests(state)) < all
  await waitUntil('a first digest sent', hasBegun, { every: 10 })
  return await waitingDigests(state)
}

async function waitingDigests(state: Database<StateTables>): Promise<number> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select(({ fn }) => fn.countAll().as('digests'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.digests)
}

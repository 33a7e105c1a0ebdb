import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { App } from '../../src/doors/app.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import { createWorkWatch } from '../../src/ground/health/work-watch.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { Step } from '../../src/ground/steps.ts'
import { asReader } from '../../src/rules/reach/visitor.ts'
import { itemsOfMessage } from '../../src/work/collect/items.ts'
import { askForRelease } from '../../src/work/requests/ask-for-release.ts'
import { type HeldRow, heldRows } from '../servers/held.ts'
import { bannedMail } from '../servers/samples.ts'
import type { ReceivedMail } from '../servers/smtp-sink.ts'
import { policiesWith } from '../standard-policies.ts'
import { decider } from '../work/requests/requests-world.ts'
import type { Service } from './program.ts'
import { hold, startWorld, type World } from './world.ts'

const ALICE = 'alice@example.com'
const ADMIN = 'root@example.com'

let world: World
let service: Service
let app: App
/** What another program, such as Mailzu, has marked as asked for. */
let marked: HeldRow

beforeAll(async () => {
  const requests = { mailEvery: '1s' }
  // The stricter of both servers.
  world = await startWorld({
    database: 'postgres',
    settings: { policy: { banned: 'request' }, admins: [ADMIN], requests },
  })
  ;[marked] = await hold(world, 'bob@example.com', { make: bannedMail })
  await world.storage.query("UPDATE msgrcpt SET rs = 'p'")
  service = await world.program.serve()
  const config = loadConfig(world.program.configFile, {}, () => {})
  app = await createApp(config, { log: pino({ enabled: false }), clock: Date.now })
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await service?.stop()
  await world?.[Symbol.asyncDispose]()
})

test('a reader asks, the admin is told and approves, and the mail arrives for who asked', async () => {
  const row = await asked('For the phone')
  expect(await statusOf(row)).toBe('p')
  const told = await world.digests.waitFor(
    mail => mail.to.includes(ADMIN) && says(mail).includes('For the phone'),
  )
  expect(says(told)).toContain('/admin/requests')
  const outcome = await app.requests.approve(decider(ADMIN), await requestOf(row), { note: 'Here it is.' })
  expect(outcome).toMatchObject({ decision: 'approved', release: { status: 'released' } })
  const arrived = await world.mta.waitFor(mail => says(mail).includes('For the phone'))
  expect(arrived.to).toEqual([ALICE])
  expect(String(arrived.raw)).toMatch(/^Resent-From: <alice@example\.com>/m)
  expect(await statusOf(row)).toBe('R')
  const answer = await world.digests.waitFor(
    mail => mail.to.includes(ALICE) && says(mail).includes('has been released'),
  )
  expect(says(answer)).toContain('Here it is.')
})

test('of two admins who decide at once one wins', async () => {
  const row = await asked('For two admins')
  const id = await requestOf(row)
  const decisions = await Promise.allSettled([
    app.requests.approve(decider('ann@example.com'), id, {}),
    app.requests.refuse(decider('ben@example.com'), id, {}),
  ])
  const lost = decisions.filter(decision => decision.status === 'rejected')
  expect(lost).toMatchObject([{ reason: { code: 'REQUEST_DECIDED' } }])
  const isApproved = decisions[0]?.status === 'fulfilled'
  expect(await statusOf(row)).toBe(isApproved ? 'R' : 'V')
  expect(world.mta.mails.filter(mail => says(mail).includes('For two admins'))).toHaveLength(
    isApproved ? 1 : 0,
  )
})

test('what Mailzu has marked waits for the admins, and is released to its recipient', async () => {
  await expect.poll(async () => find(marked), { timeout: 10_000 }).toMatchObject({ readers: [] })
  await app.requests.approve(decider(ADMIN), await requestOf(marked), {})
  await world.mta.waitFor(mail => mail.to.includes('bob@example.com'))
  expect(await statusOf(marked)).toBe('R')
})

test('with amavisd away an approval waits, and the mail arrives once it is back', async () => {
  const row = await asked('For later')
  const id = await requestOf(row)
  await world.amavisd.stop()
  const outcome = await app.requests.approve(decider(ADMIN), id, {})
  expect(outcome).toMatchObject({
    decision: 'approved',
    release: { status: 'queued', code: 'AMAVISD_UNREACHABLE' },
  })
  await world.amavisd.start()
  await world.mta.waitFor(mail => says(mail).includes('For later'), 30_000)
  await world.digests.waitFor(
    mail => mail.to.includes(ALICE) && says(mail).includes('For later') && says(mail).includes('released'),
    30_000,
  )
  expect(await statusOf(row)).toBe('R')
})

test('what a process leaves undone that dies after a decision, or when it tells the reader, is made good once', async () => {
  const row = await asked('For a crash')
  const id = await requestOf(row)
  const admin = dyingAt('request-decided', 'requests', 'approve', id)
  expect(await admin.ended).toBeNull()
  expect([await find(row), await statusOf(row)]).toEqual([undefined, 'p'])
  await service.stop()
  // No longer left to the process of the admin.
  await world.state.query('UPDATE digest_request SET next_at = 0 WHERE next_at IS NOT NULL')
  expect(await dyingAt('request-letter-claimed', 'serve').ended).toBeNull()
  expect(await statusOf(row)).toBe('R')
  service = await world.program.serve()
  const isSettled = async () =>
    (await world.state.query('SELECT 1 FROM digest_request WHERE next_at IS NOT NULL')).length === 0
  await expect.poll(isSettled, { timeout: 10_000 }).toBe(true)
  const arrived = world.mta.mails.filter(mail => says(mail).includes('For a crash'))
  expect(arrived.map(({ to }) => to)).toEqual([[ALICE]])
  // It may have been told, so it is not told again: the page says it.
  const letters = world.digests.mails.filter(mail => mail.to.includes(ALICE))
  expect(letters.filter(mail => says(mail).includes('For a crash'))).toEqual([])
})

/** A command that dies as it comes to a step. */
const dyingAt = (step: Step, ...args: readonly string[]) =>
  world.program.spawnIn(
    { nodeOptions: ['--import', CRASH_POINT], environment: { CHAOS_CRASH: `${step}:1` } },
    ...args,
  )

const CRASH_POINT = new URL('../chaos/crash-point.ts', import.meta.url).href

const says = ({ parsed: { subject, text } }: ReceivedMail): string => `${subject}\n${text}`

/** Alice asks for a banned message. */
async function asked(subject: string): Promise<HeldRow> {
  const [row] = await hold(world, ALICE, { subject, make: bannedMail })
  await app.collect()
  await using storage = connect<AmavisTables>('storage', world.storage.url)
  await using state = connect<StateTables>('state', world.state.url)
  const [item] = await itemsOfMessage(state, { partitionTag: row.partition_tag, mailId: row.mail_id })
  if (!item) throw new Error('nothing was collected')
  const outcome = await askForRelease(
    {
      storage: storage.sql,
      state,
      policies: policiesWith({ banned: 'request' }),
      requestTerms: { expire: 7 * DAY, mailEvery: MINUTE, virusNeedsTwo: false },
      clock: Date.now,
      works: createWorkWatch(Date.now),
      log: pino({ enabled: false }),
    },
    item,
    { visitor: asReader(ALICE), actor: { kind: 'reader', name: ALICE, remoteAddress: null } },
  )
  expect(outcome.status).toBe('requested')
  return row
}

async function find({ mail_id }: HeldRow) {
  const { requests } = await app.requests.list(decider(), { state: 'waiting', limit: 100 })
  return requests.map(({ request }) => request).find(({ ref }) => ref.includes(mail_id))
}

const requestOf = async (row: HeldRow): Promise<string> => (await find(row))?.id ?? ''

const statusOf = async ({ mail_id }: HeldRow): Promise<string | undefined> =>
  (await heldRows(world.storage)).find(row => row.mail_id === mail_id)?.rs.trim()

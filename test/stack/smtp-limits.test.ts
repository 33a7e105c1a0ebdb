import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPostfix } from '../servers/postfix.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

const READERS = Array.from({ length: 120 }, (_, index) => `reader-${index}@example.com`)

test.each([
  ['421 in the greeting', '421 4.7.0 sink.example.com Error: too many connections from 127.0.0.1'],
  ['a hang-up', undefined],
])(
  'run sends all digests if the server refuses a fifth connection by %s, and tells the admin',
  async (_, greeting) => {
    for (const half of [READERS.slice(0, 60), READERS.slice(60)]) await hold(world, half)
    world.digests.allowConnections(4, greeting)
    const { status, stdout, stderr } = await world.program.command('run', '--json')
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, digests: 120, sent: 120, failed: 0 })
    expect(world.digests.mails.map(({ to }) => to[0]).sort()).toEqual(READERS.toSorted())
    expect(stderr.match(/allows fewer connections than delivery\.connections/g)).toHaveLength(1)
  },
)

test('a real Postfix with smtpd_client_connection_count_limit = 4 gets all digests', async () => {
  await using postfix = await startPostfix(world.digests, ['smtpd_client_connection_count_limit = 4'])
  for (const half of [READERS.slice(0, 60), READERS.slice(60)]) await hold(world, half)
  const program = await world.configure({ smtp: { url: postfix.url, from: 'quarantine@example.com' } })
  const { status, stdout, stderr } = await program.command('run', '--json')
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, digests: 120, sent: 120, failed: 0 })
  expect(stderr).toContain('allows fewer connections')
  await waitUntil('Postfix to hand them on', () => world.digests.mails.length === 120)
})

test('serve sends at the pace of the connections that it gets, and shows their number', async () => {
  for (const half of [READERS.slice(0, 60), READERS.slice(60)]) await hold(world, half)
  const limited = await world.configure({ collect: { every: '1s' } })
  world.digests.allowConnections(4, '421 4.7.0 too many connections')
  await world.digests.stop()
  await limited.command('run')
  await world.digests.start()
  await using service = await limited.serve()
  await world.state.query('UPDATE digest_digest SET next_attempt_at = 1')
  await waitUntil('all digests', () => world.digests.mails.length === 120, { timeout: 15_000 })
  expect(new Set(world.digests.mails.map(({ to }) => to[0])).size).toBe(120)
  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  expect(metrics).toMatch(/^amavis_digest_smtp_connections_allowed 4$/m)
})

test('a digest too large for the server lists fewer messages, and says how many more there are', async () => {
  const reader = 'alice@example.com'
  for (let count = 0; count < 30; count += 1) await hold(world, reader, { subject: `Held number ${count}` })
  await world.digests.stop()
  await world.program.command('run')
  await world.digests.start()
  world.digests.announce(['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 40000'])
  const { status, stdout, stderr } = await world.program.command('run', '--json')
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, sent: 1, failed: 0 })
  expect(stderr).toContain('too large for the SMTP server')
  const { subjects } = digestFor(world.digests.mails, reader)
  expect(subjects.length).toBeGreaterThan(5)
  expect(subjects.length).toBeLessThan(30)
  expect(world.digests.mails[0]?.raw.length).toBeLessThan(40_000)
  for (const part of [world.digests.mails[0]?.parsed.text, world.digests.mails[0]?.parsed.html]) {
    expect(part).toContain(String(30 - subjects.length))
    expect(part).toContain('/digest/')
  }
})

test('a real Postfix with a message_size_limit gets a smaller digest, and the rest waits behind the link', async () => {
  await using postfix = await startPostfix(world.digests, ['message_size_limit = 40000'])
  const reader = 'alice@example.com'
  for (let count = 0; count < 30; count += 1) await hold(world, reader, { subject: `Held number ${count}` })
  const program = await world.configure({ smtp: { url: postfix.url, from: 'quarantine@example.com' } })
  const { status, stdout } = await program.command('run', '--json')
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, sent: 1, failed: 0 })
  await waitUntil('the digest', () => world.digests.mails.length === 1)
  expect(digestFor(world.digests.mails, reader).subjects.length).toBeLessThan(30)
})

test('a server without SMTPUTF8 is not sent an address beyond ASCII; the reason is kept', async () => {
  await hold(world, ['jürgen@example.com', 'alice@example.com'])
  world.digests.announce(['PIPELINING', '8BITMIME'])
  const { stdout, stderr } = await world.program.command('run', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ digests: 2, sent: 1, failed: 1 })
  expect(stderr).toContain('SMTPUTF8')
  expect(world.digests.mails.map(({ to }) => to)).toEqual([['alice@example.com']])
  const rows = await world.state.query("SELECT state, reply FROM digest_digest WHERE reader LIKE 'j%'")
  expect(rows).toEqual([{ state: 'failed', reply: expect.stringContaining('SMTPUTF8') }])
  world.digests.recover()
  expect(await runJson(world.program)).toMatchObject({ sent: 1, failed: 0 })
})

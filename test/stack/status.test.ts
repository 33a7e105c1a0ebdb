import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('a click while amavisd is down is shown as queued, and --retry releases it once amavisd is back', async () => {
  const { release } = await world.digestOf('alice@example.com', { subject: 'Wanted' })
  await world.amavisd.stop()
  expect(await world.post(release('Wanted'))).toMatchObject({ status: 202 })
  // As if amavisd had been asked for an hour already.
  await world.storage.query('UPDATE digest_release SET next_attempt_at = next_attempt_at + 3600000')
  await world.amavisd.start()
  const { releases } = await statusJson()
  expect(releases.queued).toMatchObject({
    count: 1,
    lines: [{ recipient: 'alice@example.com', reply: expect.stringContaining('ECONNREFUSED') }],
  })
  const [{ itemId }] = releases.queued.lines as [{ itemId: string }]
  const shown = await status()
  expect(shown.stdout).toMatch(/^ +1 {2}releases queued$/m)
  // A row that is wider than the terminal has several lines.
  expect(shown.stdout).toMatch(new RegExp(`^ +${itemId} [^]*ECONNREFUSED`, 'm'))

  const retried = await status('--retry', itemId)
  expect(retried).toMatchObject({ status: 0, stdout: '' })
  expect(retried.stderr).toContain(`release ${itemId}: due now, to alice@example.com`)
  await waitUntil('the copy', () => world.mta.mails.length > 0, { timeout: 15_000 })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
  const rows = (await world.audit()).filter(row => row.actor_kind === 'admin')
  expect(rows).toMatchObject([{ action: 'retry', item_id: itemId, outcome: 'due' }])
})

test('a digest that the server defers is shown with its reply, and after --drop it is never sent', async () => {
  await hold(world, ['alice@example.com', 'bob@example.com'])
  world.digests.answerRecipient('alice@example.com', '452 4.2.2 Mailbox full')
  await world.program.command('run')
  const { digests } = await statusJson()
  expect(digests.putOff).toMatchObject({
    count: 1,
    lines: [{ reader: 'alice@example.com', attempts: 1, reply: '452 4.2.2 Mailbox full' }],
  })
  const [{ id }] = digests.putOff.lines as [{ id: string }]
  const dropped = await status('--drop', 'digests', '--json')
  expect(dropped.status).toBe(0)
  expect(JSON.parse(dropped.stdout)).toEqual([
    { kind: 'digest', id, whose: 'alice@example.com', did: 'dropped', code: null },
  ])
  expect(dropped.stderr).toContain('no other digest lists them')
  world.digests.recover()
  expect(await world.run()).toEqual({ digests: 0, items: 0, sent: 0, failed: 0 })
  expect(world.digests.mails.map(mail => mail.to)).toEqual([['bob@example.com']])
})

test('the messages of a refused digest are sent by --retry, without waiting for the next run', async () => {
  await hold(world, 'alice@example.com', { subject: 'Refused once' })
  world.digests.answerRecipient('alice@example.com', '550 5.1.1 Nobody of that name')
  await world.program.command('run')
  world.digests.recover()
  const [{ id }] = (await statusJson()).digests.failed.lines as [{ id: string }]
  const retried = await status('--retry', id)
  expect(retried).toMatchObject({ status: 0 })
  expect(retried.stderr).toContain('its messages went to alice@example.com in a new digest')
  expect(world.digests.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
})

test('an unknown id ends with 1 and does nothing, and both options at once end with 2', async () => {
  const unknown = await status('--retry', 'no-such-id')
  expect(unknown).toMatchObject({ status: 1, stdout: '' })
  expect(unknown.stderr).toContain('"no-such-id"; nothing was done')
  expect(await status('--retry', 'all', '--drop', 'all')).toMatchObject({ status: 2, stdout: '' })
  const nothing = await status('--retry', 'all')
  expect(nothing).toMatchObject({ status: 0, stderr: 'Nothing waits for another attempt.\n' })
})

test('a wrong password for amavis’s database is said, with status 1, beside what our tables tell', async () => {
  const { password, user } = world.storage
  const wrong = world.storage.url.replace(password, 'wrong-word')
  const program = await world.configure({ storage: { url: wrong }, state: { url: world.storage.url } })
  const shown = await program.command('status')
  expect(shown.status).toBe(1)
  expect(shown.stdout).toMatch(/^ +0 {2}releases queued$/m)
  expect(shown.stderr).toMatch(
    new RegExp(`^amavis-digest: storage database: .* refused user ${user}: wrong user or password`),
  )
  const json = await program.command('status', '--json')
  expect(json.status).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    messagesWaiting: 0,
    problems: [{ part: 'storage', code: 'DATABASE_REFUSED', message: expect.stringContaining(user) }],
  })
  expect(shown.stderr + json.stderr + json.stdout).not.toContain('wrong-word')
})

const status = (...options: readonly string[]) => world.program.command('status', ...options)

/** A group of the status. */
interface Group {
  readonly count: number
  readonly lines: readonly object[]
}

async function statusJson(): Promise<
  Record<'digests' | 'releases', Record<string, Group> & { putOff: Group; failed: Group; queued: Group }>
> {
  const { status: ended, stdout, stderr } = await status('--json')
  if (ended !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

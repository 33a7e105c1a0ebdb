import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { HOUR } from '../../src/ground/durations.ts'
import { digestFor } from './digest-mail.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('nothing is lost while the SMTP server is down: the same digests are sent when it is back', async () => {
  await hold(world, ['alice@example.com', 'bob@example.com'])
  await world.digests.stop()
  const failed = await world.program.command('run', '--json')
  await world.digests.start()
  expect(failed.status).toBe(1)
  expect(JSON.parse(failed.stdout)).toEqual({ digests: 2, items: 2, sent: 0, failed: 2 })
  expect(failed.stderr).toContain('ECONNREFUSED')
  const made = await digests()
  expect(made.map(digest => digest.state)).toEqual(['pending', 'pending'])

  expect(await runJson(world.program)).toEqual({ digests: 0, items: 0, sent: 2, failed: 0 })
  expect(world.digests.mails.map(mail => mail.parsed.messageId).sort()).toEqual(
    made.map(digest => `<amavis-digest.${digest.digest_id}@example.com>`).sort(),
  )
  expect(await digests()).toHaveLength(2)
})

test('a digest whose acceptance got lost is sent again as the same digest', async () => {
  await hold(world, 'alice@example.com')
  world.digests.loseAnswers()
  expect((await world.program.command('run')).status).toBe(1)
  world.digests.recover()
  expect(await runJson(world.program)).toEqual({ digests: 0, items: 0, sent: 1, failed: 0 })
  const [first, second, ...more] = world.digests.mails
  expect(more).toEqual([])
  expect(second?.parsed.messageId).toBe(first?.parsed.messageId)
  expect(second?.parsed.text).toBe(first?.parsed.text)
  expect(second?.parsed.date).toBe(first?.parsed.date)
})

test('a 4xx for one recipient holds up only that recipient', async () => {
  await hold(world, ['alice@example.com', 'bob@example.com', 'carol@example.com'])
  world.digests.answerRecipient('bob@example.com', '452 4.2.2 Mailbox full')
  const result = await world.program.command('run', '--json')
  expect(result.status).toBe(1)
  expect(JSON.parse(result.stdout)).toEqual({ digests: 3, items: 3, sent: 2, failed: 1 })
  expect(recipients()).toEqual(['alice@example.com', 'carol@example.com'])
  world.digests.recover()
  expect(await runJson(world.program)).toMatchObject({ digests: 0, sent: 1 })
  expect(recipients()).toEqual(['alice@example.com', 'bob@example.com', 'carol@example.com'])
})

test('a 5xx ends a digest, the reply is kept, and its messages go into the next digest', async () => {
  await hold(world, ['alice@example.com', 'bob@example.com'])
  world.digests.answerRecipient('bob@example.com', '550 5.1.1 Nobody of that name')
  const result = await world.program.command('run', '--json')
  expect(result.status).toBe(1)
  expect(JSON.parse(result.stdout)).toEqual({ digests: 2, items: 2, sent: 1, failed: 1 })
  expect(result.stderr).toContain('550 5.1.1 Nobody of that name')
  expect((await digests()).map(({ reader, state, reply }) => ({ reader, state, reply }))).toEqual([
    { reader: 'alice@example.com', state: 'sent', reply: expect.stringMatching(/^250 2\.0\.0 Ok/) },
    { reader: 'bob@example.com', state: 'failed', reply: '550 5.1.1 Nobody of that name' },
  ])
  world.digests.recover()
  expect(await runJson(world.program)).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
  expect(world.digests.mails.at(-1)?.to).toEqual(['bob@example.com'])
})

test('a digest that could not be sent for a day is given up, and its messages go into the next digest', async () => {
  await hold(world, 'alice@example.com', { subject: 'Old' })
  await world.digests.stop()
  await world.program.command('run')
  const earlier = 25 * HOUR
  await world.storage.query(
    `UPDATE digest_digest SET created_at = created_at - ${earlier}, send_at = send_at - ${earlier}`,
  )
  await world.digests.start()
  await hold(world, 'alice@example.com', { subject: 'New' })
  const { stdout, stderr } = await world.program.command('run', '--json')
  expect(JSON.parse(stdout)).toEqual({ digests: 1, items: 2, sent: 1, failed: 0 })
  expect(stderr).toContain('digest given up: its messages wait for the next one')
  expect((await digests()).map(digest => digest.state)).toEqual(['failed', 'sent'])
  expect([...digestFor(world.digests.mails, 'alice@example.com').subjects].sort()).toEqual(['New', 'Old'])
})

test('messages released before the digest is sent are not in it, and an empty digest is not sent', async () => {
  await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'First' })
  await hold(world, 'bob@example.com', { subject: 'Second' })
  await world.digests.stop()
  await world.program.command('run')
  await world.digests.start()
  const markReleased =
    "UPDATE msgrcpt JOIN msgs USING (partition_tag, mail_id) SET rs = 'R' WHERE subject = ?"
  await world.storage.query(markReleased, ['First'])
  expect(await runJson(world.program)).toEqual({ digests: 0, items: 0, sent: 1, failed: 0 })
  expect(recipients()).toEqual(['bob@example.com'])
  expect(digestFor(world.digests.mails, 'bob@example.com').subjects).toEqual(['Second'])
  expect((await digests()).map(({ reader, state }) => [reader, state])).toEqual([
    ['alice@example.com', 'empty'],
    ['bob@example.com', 'sent'],
  ])
})

test('a refused SMTP login counts as an outage, not as a refusal of the digest, and shows no password', async () => {
  const strict = new SMTPServer({
    hideSTARTTLS: true,
    onAuth: (_auth, _session, done) => done(new Error('no such user')),
  })
  strict.listen(0, '127.0.0.1')
  await once(strict.server, 'listening')
  onTestFinished(() => new Promise(done => strict.close(() => done())))
  const address = strict.server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const program = await world.configure({
    smtp: { url: `smtp://digest:hidden-word@127.0.0.1:${port}`, from: 'quarantine@example.com' },
  })
  await hold(world, 'alice@example.com')
  const result = await program.command('run', '--json')
  expect(result.status).toBe(1)
  expect(JSON.parse(result.stdout)).toMatchObject({ sent: 0, failed: 1 })
  expect(result.stderr).toContain('535')
  expect(result.stderr).not.toContain('hidden-word')
  expect((await digests()).map(digest => digest.state)).toEqual(['pending'])
})

const recipients = () => world.digests.mails.map(mail => mail.to[0]).sort()

const digests = () =>
  world.storage.query<{ digest_id: string; reader: string; state: string; reply: string }>(
    'SELECT digest_id, reader, state, reply FROM digest_digest ORDER BY reader',
  )

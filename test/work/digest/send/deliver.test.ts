import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import type { SendAnswer } from '../../../../src/ground/mail/mailer.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { type DeliverRequest, deliver } from '../../../../src/work/digest/send/deliver.ts'
import { leaseDigests, makeDigestsDue } from '../../../../src/work/digest/send/outbox.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold, purge, updateRecipient } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'
import { ACCEPTED, scriptedMailer } from '../../../embedded/scripted-mailer.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const readers = (count: number) => Array.from({ length: count }, (_, index) => `reader-${index}@example.com`)

test('a digest is sent once, recorded with the reply, and not sent again', async () => {
  const program = await compiled([ALICE])
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(await program.rows('digest_digest')).toMatchObject([
    {
      state: 'sent',
      attempts: 1,
      finished_at: NOW,
      reply: '250 2.0.0 Ok: queued',
      lease_owner: null,
      lease_until: null,
    },
  ])
  program.time.now += DAY
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0 })
  expect(program.mailer.attempts).toHaveLength(1)
})

test('the mail lists what the row claims', async () => {
  const program = await compiled([ALICE])
  await deliverNow(program)
  const [digest] = await program.rows('digest_digest')
  expect(program.mailer.attempts).toMatchObject([
    {
      to: ALICE,
      subject: expect.stringContaining('1'),
      messageId: `<amavis-digest.${digest?.digest_id}@example.com>`,
      date: NOW,
      language: 'en',
      html: expect.stringContaining('1 message held back'),
      text: expect.stringContaining('https://quarantine.example.com/release/'),
      preferencesUrl: expect.stringMatching(/^https:\/\/quarantine\.example\.com\/preferences\//),
      mayUnsubscribe: true,
    },
  ])
})

test('a mail offers no way to unsubscribe if an admin lets nobody pause', async () => {
  const program = await compiled([ALICE])
  await prefer(program.state, '@example.com', { locked: '["pause"]' })
  await deliverNow(program)
  expect(program.mailer.attempts).toMatchObject([{ mayUnsubscribe: false }])
})

test('a message released after compiling is left out of the mail; a digest left empty is not sent', async () => {
  const program = await compiled([ALICE, 'bob@example.com'], [{ subject: 'Stays' }, { subject: 'Goes' }])
  const items = await program.rows('digest_item')
  const keyOf = (item: (typeof items)[number]) => ({
    partitionTag: item.partition_tag,
    mailId: item.mail_id,
    rseqnum: item.rseqnum,
  })
  for (const item of items) {
    if (item.reader !== ALICE) await purge(program.storage, keyOf(item))
  }
  const subjects = await program.storage.sql.selectFrom('msgs').select(['mail_id', 'subject']).execute()
  const going = subjects.find(row => row.subject === 'Goes')
  const gone = items.find(item => item.mail_id === going?.mail_id)
  if (gone) await updateRecipient(program.storage, keyOf(gone), { rs: 'R' })

  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(program.mailer.attempts).toHaveLength(1)
  expect(readable(program.mailer.attempts[0]?.html)).toContain('Stays')
  expect(readable(program.mailer.attempts[0]?.html)).not.toContain('Goes')
  const states = (await program.rows('digest_digest')).map(digest => [digest.reader, digest.state])
  expect(Object.fromEntries(states)).toEqual({ [ALICE]: 'sent', 'bob@example.com': 'empty' })
})

test('a deferred mail is sent again under the same Message-ID, later each time', async () => {
  const program = await compiled([ALICE])
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '451 4.2.1 busy' })
  const waits: number[] = []
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 1 })
    const [digest] = await program.rows('digest_digest')
    expect(digest).toMatchObject({ state: 'pending', attempts: attempt, reply: '451 4.2.1 busy' })
    waits.push(Number(digest?.next_attempt_at) - program.time.now)
    program.time.now = Number(digest?.next_attempt_at) - 1
    expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0 })
    program.time.now += 1
  }
  expect(waits.map(wait => wait / 1000)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
  expect(new Set(program.mailer.attempts.map(mail => mail.messageId)).size).toBe(1)
  expect(new Set(program.mailer.attempts.map(mail => mail.html)).size).toBe(1)
})

test('a spread mail is dated with its due time at every attempt; one made due earlier, with that time', async () => {
  const program = await embeddedProgram()
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, spread: HOUR }))
  await hold(program.storage, { recipient: ALICE, receivedAt: NOW }, { recipient: BOB, receivedAt: NOW })
  await run(program.deps, { schedule: 'daily', readers: undefined, dueAt: NOW, byClock: true })
  await makeDigestsDue(program.state, [BOB], NOW)
  await deliverNow(program)
  const [row] = (await program.rows('digest_digest')).filter(digest => digest.reader === ALICE)
  const dueAt = Number(row?.next_attempt_at)
  expect(dueAt).toBeGreaterThan(NOW)
  program.mailer.answer = () => ({ outcome: 'unreachable', reply: 'lost', mayHaveArrived: true })
  program.time.now = dueAt + 5000
  await deliverNow(program)
  program.mailer.answer = () => ACCEPTED
  program.time.now += HOUR
  await deliverNow(program)
  expect(program.mailer.attempts.map(({ to, date }) => [to, date])).toEqual([
    [BOB, NOW],
    [ALICE, dueAt],
    [ALICE, dueAt],
  ])
})

test('a refused mail is not tried again, and holds up no other', async () => {
  const program = await compiled([ALICE, 'bob@example.com'])
  program.mailer.answer = mail =>
    mail.to === ALICE
      ? { outcome: 'refused', reply: '550 5.1.1 no such user' }
      : { outcome: 'accepted', reply: '250 Ok' }
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 1 })
  const alices = (await program.rows('digest_digest')).find(digest => digest.reader === ALICE)
  expect(alices).toMatchObject({ state: 'failed', reply: '550 5.1.1 no such user' })
  program.time.now += DAY
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0 })
})

test('the messages of a refused mail are in the reader’s next digest', async () => {
  const program = await compiled([ALICE], [{ subject: 'First' }, { subject: 'Second' }])
  program.mailer.answer = () => ({ outcome: 'refused', reply: '550 5.7.1 rejected' })
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 1 })

  program.mailer.answer = () => ACCEPTED
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 1, items: 2 })
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(new Set(program.mailer.attempts.map(mail => mail.messageId)).size).toBe(2)
  const html = readable(program.mailer.attempts[1]?.html)
  expect(html).toContain('First')
  expect(html).toContain('Second')
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 0, items: 0 })
})

test('a message that another program is about to release goes into the next digest if it is not released', async () => {
  const program = await compiled([ALICE])
  const [item] = await program.rows('digest_item')
  if (!item) throw new Error('there is no item')
  const key = { partitionTag: item.partition_tag, mailId: item.mail_id, rseqnum: item.rseqnum }
  await updateRecipient(program.storage, key, { rs: 'p' })
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0 })
  expect(program.mailer.attempts).toEqual([])
  expect(await program.rows('digest_digest')).toMatchObject([{ state: 'empty' }])
  expect(await program.rows('digest_item')).toMatchObject([{ item_id: item.item_id, digest_id: null }])
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 0, items: 0 })

  await updateRecipient(program.storage, key, { rs: ' ' })
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
})

test('one attempt shows that the server is away: the other digests stay due until it is back', async () => {
  const program = await compiled(readers(450))
  program.mailer.answer = () => ({ outcome: 'unreachable', reply: 'connect ECONNREFUSED' })
  const tried = await deliverNow(program)
  expect(tried).toMatchObject({ sent: 0, outage: true })
  expect(tried.failed).toBe(program.mailer.attempts.length)
  expect(tried.failed).toBeLessThanOrEqual(program.deps.connections)
  const untried = (await program.rows('digest_digest')).filter(digest => digest.attempts === 0)
  expect(untried).toHaveLength(450 - tried.failed)
  for (const digest of untried) {
    expect(digest).toMatchObject({ state: 'pending', next_attempt_at: NOW, lease_owner: null, reply: null })
  }

  program.time.now += HOUR
  program.mailer.answer = () => ({ outcome: 'accepted', reply: '250 Ok' })
  expect(await deliverNow(program)).toMatchObject({ sent: 450, failed: 0 })
  const sentTo = program.mailer.attempts.slice(-450).map(mail => mail.to)
  expect(new Set(sentTo).size).toBe(450)
})

test('the messages of a digest that was given up are in the reader’s next one', async () => {
  const program = await compiled([ALICE])
  program.mailer.answer = () => ({ outcome: 'unreachable', reply: 'connect ECONNREFUSED' })
  program.time.now = NOW + DAY
  await deliverNow(program)
  expect(await program.rows('digest_digest')).toMatchObject([{ state: 'failed', finished_at: NOW + DAY }])

  program.time.now += HOUR
  program.mailer.answer = () => ({ outcome: 'accepted', reply: '250 Ok' })
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(new Set(program.mailer.attempts.map(mail => mail.messageId)).size).toBe(2)
})

test('no more mails are under way than there are connections', async () => {
  const program = await compiled(readers(30))
  let underWay = 0
  let most = 0
  program.mailer.answer = async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise(setImmediate)
    underWay -= 1
    return { outcome: 'accepted', reply: '250 Ok' }
  }
  await deliverNow(program)
  expect(most).toBe(program.deps.connections)
})

test('a slow mail holds up no connection but its own', async () => {
  const program = await compiled(readers(450))
  const theOthersAreDone = Promise.withResolvers<void>()
  program.mailer.answer = async () => {
    const { length } = program.mailer.attempts
    if (length === 1) await theOthersAreDone.promise
    if (length === 450) theOthersAreDone.resolve()
    return ACCEPTED
  }
  expect(await deliverNow(program)).toMatchObject({ sent: 450, failed: 0 })
})

test('a stop finishes the mails under way and gives the others back', async () => {
  const program = await compiled(readers(30))
  const stop = new AbortController()
  program.mailer.answer = async () => {
    stop.abort()
    return { outcome: 'accepted', reply: '250 Ok' }
  }
  const { sent } = await deliverNow(program, { signal: stop.signal })
  expect(sent).toBe(program.mailer.attempts.length)
  expect(sent).toBeLessThan(30)
  const waiting = (await program.rows('digest_digest')).filter(digest => digest.state === 'pending')
  expect(waiting).toHaveLength(30 - sent)
  expect(waiting.every(digest => digest.lease_owner === null && digest.attempts === 0)).toBe(true)
})

test('a mail that was withdrawn leaves its digest as it was, free for the next delivery', async () => {
  const program = await compiled([ALICE])
  program.mailer.answer = () => ({ outcome: 'withdrawn', reply: '' })
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0, passedOver: 1 })
  expect(await program.rows('digest_digest')).toMatchObject([
    { state: 'pending', attempts: 0, firm: null, lease_owner: null },
  ])
})

test("a dead process's digest is taken over when its lease has run out, and keeps its Message-ID", async () => {
  const program = await compiled([ALICE])
  const lease = { owner: 'dead', until: NOW + program.deps.lease }
  const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 10 }
  const [dead] = await leaseDigests(program.state, lease, due)
  program.time.now = NOW + program.deps.lease - 1
  expect(await deliverNow(program)).toMatchObject({ sent: 0, failed: 0 })
  program.time.now += 1
  expect(await deliverNow(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(program.mailer.attempts[0]?.messageId).toContain(dead?.digestId)
})

test.each<SendAnswer>([
  { outcome: 'refused', reply: '550 5.7.1 rejected' },
  { outcome: 'deferred', reply: '451 4.2.1 busy' },
  ACCEPTED,
])(
  'a process that lost its lease while sending does not undo what the next process did: $outcome',
  async answer => {
    const program = await compiled([ALICE])
    const next = { ...program.deps, owner: 'the next process', mailer: scriptedMailer() }
    program.mailer.answer = async () => {
      program.time.now += program.deps.lease
      expect(await deliver(next, { dueAt: program.time.now })).toMatchObject({ sent: 1, failed: 0 })
      program.time.now += 1
      return answer
    }
    await deliverNow(program)
    const [digest] = await program.rows('digest_digest')
    expect(digest).toMatchObject({ state: 'sent', attempts: 1, finished_at: NOW + program.deps.lease })
    expect(await program.rows('digest_item')).toMatchObject([{ digest_id: digest?.digest_id }])
    expect(next.mailer.attempts[0]?.messageId).toBe(program.mailer.attempts[0]?.messageId)
  },
)

test('two processes deliver each digest once', async () => {
  const program = await compiled(readers(250))
  const other = { ...program.deps, owner: 'the other process' }
  const request = { dueAt: NOW }
  const [one, two] = await Promise.all([deliver(program.deps, request), deliver(other, request)])
  expect(one.sent + two.sent).toBe(250)
  expect(new Set(program.mailer.attempts.map(mail => mail.to)).size).toBe(250)
})

test('a digest that cannot be rendered is put off, and the others are sent', async () => {
  const program = await compiled([ALICE, 'bob@example.com'])
  const { template } = program.deps
  const failing = async () => {
    const real = await template()
    return {
      ...real,
      html: (model: object, words: Parameters<typeof real.html>[1]) => {
        if (JSON.stringify(model).includes('alice')) throw new Error('a fault in the template')
        return real.html(model, words)
      },
    }
  }
  const result = await deliver({ ...program.deps, template: failing }, { dueAt: NOW })
  expect(result).toMatchObject({ sent: 1, failed: 1 })
  const alices = (await program.rows('digest_digest')).find(digest => digest.reader === ALICE)
  expect(alices).toMatchObject({ state: 'pending', reply: 'not rendered: a fault in the template' })
})

test('an admin can make put-off digests due at once, for all readers or some', async () => {
  const program = await compiled([ALICE, 'bob@example.com'])
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '451 busy' })
  await deliverNow(program)
  await makeDigestsDue(program.state, undefined, program.time.now)
  program.mailer.answer = () => ({ outcome: 'accepted', reply: '250 Ok' })
  expect(await deliverNow(program, { readers: [ALICE] })).toMatchObject({ sent: 1, failed: 0 })
  expect(program.mailer.attempts.at(-1)?.to).toBe(ALICE)
})

test('each attempt is reported, so that a progress bar can move', async () => {
  const program = await compiled(readers(7))
  let attempts = 0
  await deliverNow(program, { onAttempt: () => (attempts += 1) })
  expect(attempts).toBe(7)
})

/** Removes the invisible joiners that keep words of a mail from looking like links. */
const readable = (html = '') => html.replaceAll(/[\u200c\u2060]/g, '')

const EVERYBODY = { schedule: undefined, readers: undefined, dueAt: NOW } as const

/** A program with a digest for each reader. */
async function compiled(
  recipients: readonly string[],
  mails: readonly Partial<HeldMailSpec>[] = [{}],
): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  const specs = recipients.flatMap(recipient =>
    mails.map(mail => ({ recipient, receivedAt: NOW - HOUR, ...mail })),
  )
  await hold(program.storage, ...specs)
  await run(program.deps, EVERYBODY)
  return program
}

const deliverNow = (program: EmbeddedProgram, request: Omit<DeliverRequest, 'dueAt'> = {}) =>
  deliver(program.deps, { dueAt: program.time.now, ...request })

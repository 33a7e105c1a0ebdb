import { expect, test } from 'vitest'
import { preview } from '../../../../src/desks/admin/digests/preview.ts'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { waitingFor } from '../../../../src/desks/reader/settings/waiting.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { historiesOf } from '../../../../src/work/digest/show/digest-history.ts'
import { releaseLinks } from '../../../embedded/digest-links.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { type HeldMailSpec, hold, purge, updateRecipient } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram, PUBLIC_URL } from '../../../embedded/program.ts'
import { releaseItem } from '../../../embedded/release-item.ts'
import { DEFERRED, REFUSED, RELEASED, UNHEARD } from '../../../embedded/scripted-transport.ts'
import { policiesWith } from '../../../standard-policies.ts'
import { retryDue } from '../../release/retry-due.ts'

const ALICE = 'alice@example.com'

test('A digest counts what earlier ones listed and nobody released, and lists again what expires soon', async () => {
  const program = await embeddedProgram()
  await digestOf(program, { subject: 'First' }, { subject: 'Second' })
  const [first] = program.mailer.attempts
  program.time.now += 5 * DAY
  const early = await digestOf(program, { subject: 'Third' })
  expect(early.text).toContain('2 messages that were listed before are still waiting for you.')
  expect(early.text).toContain('You find them in your earlier digests.')
  expect(early.text).not.toContain('First')

  program.time.now += 6 * DAY + HOUR
  const late = await digestOf(program, { subject: 'Fourth' })
  expect(late.text).toContain('3 messages that were listed before are still waiting for you.')
  expect(late.text).toContain('These 2 expire soon:')
  expect(late.text).toContain('You find the others in your earlier digests.')
  // The link is the same, because the earlier digest has promised the time until which it works.
  expect(releaseLinks(late.text)).toEqual(expect.arrayContaining(releaseLinks(first?.text)))
  expect(late.text.match(/First|Second|Fourth/g)?.sort()).toEqual(['First', 'Fourth', 'Second'])
})

test('A message that was released, is gone, may not be released or has expired no longer waits', async () => {
  const program = await embeddedProgram()
  const { storage, time } = program
  const keys = await hold(storage, ...Array.from({ length: 5 }, () => mail(time.now)))
  await digestOf(program)
  const [ours, theirs, purged] = keys
  if (!ours || !theirs || !purged) throw new Error('no mail is held')
  await releaseOf(program, ours.mailId)
  await updateRecipient(storage, theirs, { rs: 'R' })
  await purge(storage, purged)
  time.now += DAY
  const next = await digestOf(program, { subject: 'New' })
  expect(next.text).toContain('2 messages that were listed before are still waiting for you.')
  Object.assign(program.deps.policies, policiesWith({ spam: 'never' }))
  expect((await digestOf(program, { content: 'H' })).text).not.toContain('still waiting')
  Object.assign(program.deps.policies, policiesWith({ spam: 'release' }))
  time.now += 13 * DAY
  // What the second and the third digest listed.
  expect((await digestOf(program, {})).text).toContain('2 messages that were listed before')
})

test('A message that a release found to be gone is reported, and no longer counted or linked', async () => {
  const program = await embeddedProgram()
  const { time, transport } = program
  const [wanted] = await hold(program.storage, mail(time.now), mail(time.now), mail(time.now))
  await digestOf(program)
  time.now += HOUR
  transport.answer = () => ({ outcome: 'gone', reply: "450 4.5.0 Failure: Can't open sql obj for reading" })
  await releaseOf(program, wanted?.mailId)
  time.now += 12 * DAY
  const { text } = await digestOf(program, {})
  expect(text.replaceAll('\n', ' ')).toContain('it was no longer in the quarantine')
  expect(text).toContain('2 messages that were listed before are still waiting for you.')
  expect(releaseLinks(text)).toHaveLength(3)
})

test('Among messages that expire at the same time, the likeliest mistakes come first', async () => {
  const program = await embeddedProgram()
  const scores = [9, 5, 12, 7]
  await digestOf(program, ...scores.map(score => ({ subject: `Score ${score}`, score })))
  program.time.now += 12 * DAY
  const { text } = await digestOf(program, {})
  expect(text.match(/(?<=Score )\d+/g)).toEqual(['5', '7', '9', '12'])
})

test.each([
  [0, 'These 2 expire soon:'],
  // Daylight saving time has begun in between.
  [-HOUR, 'These 2 expire soon:'],
  [-DAY, 'You find them in your earlier digests.'],
])(
  'A reader of weekly digests is warned a week ahead, unless the digest comes far too early (%i ms)',
  async (early, words) => {
    const program = await embeddedProgram()
    await digestOf(program, {}, {})
    program.time.now += 7 * DAY + early
    expect((await digestOf(program, {})).text).toContain(words)
  },
)

test('Messages of undelivered digests do not count as listed before', async () => {
  const program = await embeddedProgram()
  program.mailer.answer = () => ({ outcome: 'refused', reply: '550 no' })
  await digestOf(program, { subject: 'Refused' })
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
  program.time.now += DAY
  await digestOf(program, { subject: 'Dropped' })
  await program.state.sql
    .updateTable('digest_digest')
    .set({ state: 'dropped' })
    .where('state', '=', 'pending')
    .execute()
  program.mailer.answer = () => ({ outcome: 'accepted', reply: '250' })
  program.time.now += DAY
  expect((await digestOf(program, { subject: 'First' })).text).not.toContain('still waiting')
  program.time.now += DAY
  const { text } = await digestOf(program, { subject: 'Second' })
  expect(text).toContain('1 message that was listed before is still waiting for you.')
})

test('At most ten rows are listed, and at most 500 messages are looked up', async () => {
  const program = await embeddedProgram()
  await digestOf(program, ...Array.from({ length: 510 }, (_, index) => ({ subject: `Old ${index}` })))
  program.time.now += 12 * DAY
  const { text, html } = await digestOf(program, {})
  expect(text).toContain('At least 500 messages that were listed before are still waiting for you.')
  expect(text.match(/Old \d+/g)).toHaveLength(10)
  expect(text).toContain('And 490 more that expire soon.')
  expect(Buffer.byteLength(html)).toBeLessThan(102_400)
  const waiting = await waitingFor(program.deps, ALICE, { leaveOutBlocked: false }, program.time.now)
  expect(waiting).toMatchObject({ earlier: 500, isEarlierAtLeast: true })
})

test('The preview shows the history too, with links that lead nowhere and without the hidden one', async () => {
  const program = await embeddedProgram()
  await digestOf(program, { subject: 'Before' })
  program.time.now += 12 * DAY
  await hold(program.storage, mail(program.time.now))
  const shown = await preview(program.deps, undefined, ALICE, PUBLIC_URL)
  expect(shown?.text).toContain('1 message that was listed before is still waiting for you.')
  expect(plain(shown?.text)).toContain('Before')
  expect(new Set(releaseLinks(shown?.text))).toEqual(new Set([`${PUBLIC_URL}/release/preview`]))
  expect(shown?.html).not.toContain('/more/')
})

test('A digest without messages says what still waits', async () => {
  const program = await embeddedProgram()
  await digestOf(program, {})
  const [before] = await program.rows('digest_digest')
  if (!before) throw new Error('there is no digest')
  program.time.now += DAY
  const empty = {
    ...before,
    digest_id: before.digest_id.replace(/.$/, last => (last === '0' ? '1' : '0')),
    batch_id: 'empty',
    item_count: 0,
    state: 'pending',
    created_at: program.time.now,
    next_attempt_at: program.time.now,
  } as const
  await program.state.sql.insertInto('digest_digest').values(empty).execute()
  expect(await deliver(program.deps, { dueAt: program.time.now })).toMatchObject({ sent: 1 })
  const mailed = program.mailer.attempts.at(-1)
  expect(mailed?.subject).toBe('Nothing new for you to release')
  expect(mailed?.text).toMatch(/^Nothing new for you to release\nFor alice@example.com, since /)
  expect(mailed?.text).toContain('1 message that was listed before is still waiting for you.')
  expect(mailed?.text).not.toContain('/digest/')
  expect(mailed?.html).not.toContain('/digest/')
})

test.each([
  ['refused', REFUSED, 0, 'It could not be released: the mail system refused it.'],
  ['that may have arrived', UNHEARD, 0, 'It may have arrived or not'],
  ['that came late', DEFERRED, 2 * HOUR, 'It was released later than you asked for'],
])('A release %s is reported in the next digest, once', async (_, answer, later, words) => {
  const program = await embeddedProgram()
  const { time, transport } = program
  const [key] = await hold(program.storage, mail(time.now, { subject: 'Wanted' }))
  await digestOf(program)
  time.now += HOUR
  transport.answer = () => answer
  await releaseOf(program, key?.mailId)
  time.now += later
  transport.answer = () => RELEASED
  await retryDue(program.deps)
  time.now += HOUR
  const next = await digestOf(program, { subject: 'New' })
  expect(next.text.replaceAll('\n', ' ')).toContain(`Wanted ${words}`)
  time.now += DAY
  expect((await digestOf(program, { subject: 'Newer' })).text).not.toContain('News about messages')
})

test.each([20, 34])(
  'A release that failed is reported %i days later, if no digest came before',
  async days => {
    const program = await embeddedProgram()
    const { time, transport } = program
    const [key] = await hold(program.storage, mail(time.now))
    await digestOf(program)
    time.now += HOUR
    transport.answer = () => REFUSED
    await releaseOf(program, key?.mailId)
    time.now += days * DAY
    const { text } = await digestOf(program, {})
    expect(text).toContain('It could not be released')
    expect(text).not.toContain('still waiting')
  },
)

test('At most ten releases are reported; the others are counted', async () => {
  const program = await embeddedProgram()
  const { time, transport } = program
  const keys = await hold(program.storage, ...Array.from({ length: 12 }, () => mail(time.now)))
  await digestOf(program)
  time.now += HOUR
  transport.answer = () => REFUSED
  for (const { mailId } of keys) await releaseOf(program, mailId)
  time.now += DAY
  const { text, html } = await digestOf(program, {})
  expect(text.match(/It could not be released/g)).toHaveLength(10)
  for (const part of [text, html]) expect(part).toContain('And 2 more messages.')
})

test('A release is reported once, in the digest that was made next, whatever the order of delivery', async () => {
  const program = await embeddedProgram()
  const { deps, time, mailer, transport } = program
  await hold(program.storage, mail(time.now, { mailId: 'early' }), mail(time.now, { mailId: 'late' }))
  await digestOf(program)
  transport.answer = () => REFUSED
  const failing = async (mailId: string) => {
    time.now += HOUR
    await releaseOf(program, mailId)
    time.now += HOUR
  }
  await failing('early')
  // This digest is put off, as if it were spread.
  mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
  const { messageId: before } = await digestOf(program, { subject: 'Before' })
  await failing('late')
  mailer.answer = ({ messageId }) =>
    messageId === before ? { outcome: 'deferred', reply: '451 later' } : { outcome: 'accepted', reply: '250' }
  // The digest that was made first becomes due together with the other one, and is delivered last.
  await digestOf(program, { subject: 'After' })
  mailer.answer = () => ({ outcome: 'accepted', reply: '250' })
  time.now += HOUR
  await deliver(deps, { dueAt: time.now })
  const told = mailer.attempts.map(({ messageId, text }) => [
    messageId === before,
    plain(text).match(/It could not be released/g)?.length ?? 0,
  ])
  expect(told).toEqual([
    [false, 0],
    [true, 1],
    [true, 1],
    [false, 1],
    [true, 1],
  ])
  time.now += DAY
  expect((await digestOf(program, { subject: 'Last' })).text).not.toContain('News about messages')
})

test('Messages of a digest count as listed before while that digest is being resent', async () => {
  const program = await embeddedProgram()
  const { deps, time, mailer } = program
  await digestOf(program, { subject: 'First' })
  time.now += DAY
  await digestOf(program, { subject: 'Second' })
  const [, second] = await program.rows('digest_digest')
  await resendDigest(deps, ROOT, second?.digest_id ?? '')
  mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
  await deliver(deps, { dueAt: time.now })
  mailer.answer = () => ({ outcome: 'accepted', reply: '250' })
  time.now += 1000
  const next = { digestId: 'next', reader: ALICE, createdAt: time.now }
  const history = (await historiesOf(deps, [next], time.now)).get('next')
  expect(history).toMatchObject({ previousAt: second?.created_at, waiting: [{}, {}] })
})

test('A release that went well is not reported', async () => {
  const program = await embeddedProgram()
  const [key] = await hold(program.storage, mail(program.time.now))
  await digestOf(program)
  program.time.now += HOUR
  await releaseOf(program, key?.mailId)
  program.time.now += HOUR
  expect((await digestOf(program, {})).text).not.toContain('News about messages')
})

const mail = (now: number, rest: Partial<HeldMailSpec> = {}): HeldMailSpec => ({
  recipient: ALICE,
  receivedAt: now,
  ...rest,
})

/** Holds messages for Alice and sends her digest. */
async function digestOf(program: EmbeddedProgram, ...mails: readonly Partial<HeldMailSpec>[]) {
  const { deps, time, storage, mailer } = program
  if (mails.length > 0) await hold(storage, ...mails.map(each => mail(time.now, each)))
  await run(deps, { schedule: undefined, readers: [ALICE], dueAt: time.now })
  await deliver(deps, { dueAt: time.now })
  const sent = mailer.attempts.at(-1)
  if (!sent) throw new Error('nothing was sent')
  return { ...sent, text: plain(sent.text) }
}

async function releaseOf(program: EmbeddedProgram, mailId: string | undefined): Promise<void> {
  const item = (await program.rows('digest_item')).find(row => row.mail_id === mailId)
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  const request = { itemId: item?.item_id ?? '', actor, requestedBy: ALICE, confirmed: false, again: false }
  await releaseItem(program.deps, request)
}

/** Removes the characters that keep words of a mail from being turned into links. */
const plain = (text = ''): string => text.replaceAll('\u2060', '')

import { expect, test } from 'vitest'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { removeSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { setOwnSettings } from '../../../../src/desks/reader/settings/own-settings.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import type { SendAnswer } from '../../../../src/ground/mail/mailer.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { FRESH } from '../../../../src/work/digest/send/checked-batch.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { MailsAtOnce } from '../../../../src/work/digest/send/mails-at-once.ts'
import { askForDigests, leaseDigests } from '../../../../src/work/digest/send/outbox.ts'
import { type SentNow, sendNow } from '../../../../src/work/digest/send/send-now.ts'
import { NOW } from '../../../embedded/clock.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'
import { ACCEPTED } from '../../../embedded/scripted-mailer.ts'

const [ALICE, BOB, CAROL] = ['alice@example.com', 'bob@example.com', 'carol@example.com'] as const
const DAILY = scheduleOf('daily', { spread: HOUR })
const BUSY: SendAnswer = { outcome: 'deferred', reply: '451 4.2.1 busy' }
const LOST: SendAnswer = { outcome: 'unreachable', reply: 'read ECONNRESET', mayHaveArrived: true }

test('a pause, turning off and a new destination since the digest was made take effect', async () => {
  const program = await makeDeferredDigests([ALICE, BOB, CAROL], BUSY)
  const { deps, mailer } = program
  await pause(program)
  await setSettings(deps, ROOT, BOB, { enabled: false })
  await setSettings(deps, ROOT, CAROL, { deliverTo: 'dave@example.com', language: 'de' })
  const tried = mailer.attempts.length
  expect(await deliverLater(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(mailer.attempts.slice(tried)).toMatchObject([{ to: 'dave@example.com', language: 'de' }])
  expect(await digests(program)).toMatchObject({
    [ALICE]: { state: 'empty', reply: expect.stringMatching(/paused .* its messages wait/) },
    [BOB]: { state: 'empty', reply: expect.stringMatching(/turned off .* its messages wait/) },
    [CAROL]: { state: 'sent', deliver_to: 'dave@example.com', language: 'de' },
  })
  await setOwnSettings(deps, ALICE, { pausedUntil: null }, null)
  await run(deps, { schedule: undefined, readers: [ALICE, BOB], dueAt: program.time.now })
  await deliverLater(program)
  expect(mailer.attempts.slice(tried)).toMatchObject([{ to: 'dave@example.com' }, { to: ALICE }])
})

test('a digest shows the phrase that its reader has set, and the audit does not tell it', async () => {
  const program = await makeDeferredDigests([ALICE, BOB], BUSY)
  const { deps, mailer } = program
  await setOwnSettings(deps, ALICE, { phrase: ' The\u202E blue\nteapot ' }, null)
  await setOwnSettings(deps, ALICE, { phrase: 'The red teapot' }, null)
  await setSettings(deps, ROOT, '@example.com', { phrase: 'Team example' })
  const tried = mailer.attempts.length
  await deliverLater(program)
  const texts = new Map(mailer.attempts.slice(tried).map(({ to, text }) => [to, text]))
  expect(texts.get(ALICE)).toContain('\nYour phrase: The red teapot\n')
  expect(texts.get(BOB)).toContain('\nYour phrase: Team example\n')
  const details = (await program.rows('digest_audit')).map(row => (row as { detail: string | null }).detail)
  expect(details).toEqual(expect.arrayContaining(['phrase: - → set', 'phrase: set → another']))
  expect(details.join()).not.toContain('teapot')
})

test.each([
  ['x'.repeat(61), /at most 60 characters, found 61/],
  ['\u202E\u200B', /expected some words/],
])('a phrase that is too long or cannot be seen is refused', async (phrase, words) => {
  const { deps } = await embeddedProgram()
  await expect(setOwnSettings(deps, ALICE, { phrase }, null)).rejects.toThrow(words)
})

test('a digest that goes to the reader’s own mailbox again goes to the address as amavis spells it', async () => {
  const program = await embeddedProgram()
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: 'dave@example.com' })
  await makeDigests(program, ['Alice@Example.com'])
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: null })
  await deliverLater(program)
  expect(program.mailer.attempts).toMatchObject([{ to: 'Alice@Example.com' }])
})

test('a digest that may have arrived is sent again although its reader has paused', async () => {
  const program = await makeDeferredDigests([ALICE], LOST)
  await pause(program)
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
  const [first, second] = program.mailer.attempts
  expect(second?.messageId).toBe(first?.messageId)
})

test('a dead process’s digest is sent although its reader has paused, however often it is put off', async () => {
  const program = await makeDigests(await embeddedProgram(), [ALICE])
  const lease = { owner: 'dead', until: NOW + program.deps.lease }
  await leaseDigests(program.state, lease, { now: NOW, dueAt: NOW, limit: 1 })
  await pause(program)
  await deliverLater(program, BUSY)
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
})

test('a reader who has paused gets a digest that was asked for, together with those made before', async () => {
  const program = await makeDigests(await embeddedProgram(), [ALICE])
  await pause(program)
  await hold(program.storage, { recipient: ALICE, receivedAt: NOW })
  program.mailer.answer = () => BUSY
  expect(await sendNow(program.deps, ALICE, ROOT)).toMatchObject({ digests: 1, outcome: 'queued' })
  expect(await deliverLater(program)).toMatchObject({ sent: 2 })
})

test('a digest that was asked for is sent to a paused reader by whichever process sends it', async () => {
  const program = await embeddedProgram()
  await pause(program)
  await hold(program.storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await run(program.deps, { schedule: undefined, readers: [ALICE], evenPaused: true, dueAt: NOW })
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
})

test('a digest that somebody asks for at the moment when it is withheld is sent next', async () => {
  const others = readers(20)
  const program = await makeDigests(await embeddedProgram(), others)
  program.time.now += 1
  await makeDigests(program, [ALICE])
  await pause(program)
  let answer: SentNow | undefined
  program.mailer.answer = async () => {
    answer ??= await sendNow(program.deps, ALICE, ROOT)
    return ACCEPTED
  }
  expect(await deliverOneByOne(program)).toMatchObject({ sent: 20, passedOver: 1 })
  expect(answer).toMatchObject({ outcome: 'queued' })
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts.map(({ to }) => to)).toHaveLength(others.length + 1)
  expect(program.mailer.attempts.at(-1)?.to).toBe(ALICE)
})

test('a pause and a new destination take effect within seconds, however long a batch takes', async () => {
  const program = await makeDigests(await embeddedProgram(), readers(30))
  program.time.now += 1
  await makeDigests(program, [ALICE, BOB])
  program.mailer.answer = async () => {
    if (program.mailer.attempts.length === 10) {
      await pause(program)
      await setSettings(program.deps, ROOT, BOB, { deliverTo: 'dave@example.com' })
      program.time.now += FRESH + 1
    }
    return ACCEPTED
  }
  expect(await deliverOneByOne(program)).toMatchObject({ sent: 31 })
  expect(program.mailer.attempts.at(-1)).toMatchObject({ to: 'dave@example.com' })
})

test('a reader who was turned off gets no digest that was asked for, only one that may have arrived', async () => {
  const program = await makeDigests(await embeddedProgram(), [ALICE, BOB])
  program.mailer.answer = ({ to }) => ({ ...BUSY, mayHaveArrived: to === ALICE })
  await deliver(program.deps, { dueAt: NOW })
  await askForDigests(program.state, [ALICE, BOB], NOW)
  for (const reader of [ALICE, BOB]) await setSettings(program.deps, ROOT, reader, { enabled: false })
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
  expect(await digests(program)).toMatchObject({ [ALICE]: { state: 'sent' }, [BOB]: { state: 'empty' } })
})

test('a resent digest goes to the current destination, even if the reader has paused', async () => {
  const program = await makeDigests(await embeddedProgram(), [ALICE])
  await deliverLater(program)
  await pause(program)
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: 'dave@example.com' })
  const { digest_id: id = '' } = (await program.rows('digest_digest'))[0] ?? {}
  await resendDigest(program.deps, ROOT, id)
  expect(await deliverLater(program)).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts).toMatchObject([{ to: ALICE }, { to: 'dave@example.com' }])
})

test.each([
  ['off', ({ state }: EmbeddedProgram) => setSchedules(state, { ...DAILY, enabled: false })],
  ['removed', ({ deps }: EmbeddedProgram) => removeSchedule(deps, ROOT, 'daily', { evenIfUsed: true })],
] as const)(
  'a spread digest is not sent once its schedule is %s, and its messages are in the next digest',
  async (_, end) => {
    const program = await embeddedProgram()
    await setSchedules(program.state, DAILY, scheduleOf('weekly', { isDefault: true }))
    await setSettings(program.deps, ROOT, ALICE, { schedules: ['daily'] })
    await hold(program.storage, { recipient: ALICE, receivedAt: NOW - HOUR })
    const byClock = { schedule: 'daily', readers: undefined, byClock: true }
    await run(program.deps, { ...byClock, dueAt: NOW })
    await end(program)
    expect(await deliverLater(program)).toMatchObject({ sent: 0, failed: 0 })
    expect(await digests(program)).toMatchObject({
      [ALICE]: {
        state: 'empty',
        reply: expect.stringMatching(/schedule was switched off .* its messages wait/),
      },
    })
    await run(program.deps, { schedule: undefined, readers: undefined, dueAt: program.time.now })
    expect(await deliverLater(program)).toMatchObject({ sent: 1 })
  },
)

test('the current settings cost one statement per batch', async () => {
  const program = await makeDigests(await embeddedProgram(), readers(50))
  program.statements.length = 0
  expect(await deliverLater(program)).toMatchObject({ sent: 50 })
  expect(program.statements.filter(text => text.includes('digest_preference'))).toHaveLength(1)
})

const readers = (count: number) => Array.from({ length: count }, (_, index) => `reader-${index}@example.com`)

/** Makes a digest for each of these recipients. */
async function makeDigests(
  program: EmbeddedProgram,
  recipients: readonly string[],
): Promise<EmbeddedProgram> {
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW })))
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  return program
}

/** Makes the digests, and tries once to send each. */
async function makeDeferredDigests(
  recipients: readonly string[],
  answer: SendAnswer,
): Promise<EmbeddedProgram> {
  const program = await makeDigests(await embeddedProgram(), recipients)
  program.mailer.answer = () => answer
  await deliver(program.deps, { dueAt: NOW })
  return program
}

const pause = ({ deps }: EmbeddedProgram) => setOwnSettings(deps, ALICE, { pausedUntil: FOREVER }, null)

/** Delivers what is due two hours later. */
function deliverLater(program: EmbeddedProgram, answer: SendAnswer = ACCEPTED) {
  program.time.now += 2 * HOUR
  program.mailer.answer = () => answer
  return deliver(program.deps, { dueAt: program.time.now })
}

const deliverOneByOne = ({ deps, time }: EmbeddedProgram) =>
  deliver({ ...deps, connections: 1, mailsAtOnce: new MailsAtOnce(1, deps) }, { dueAt: time.now })

const digests = async ({ rows }: EmbeddedProgram) =>
  Object.fromEntries((await rows('digest_digest')).map(row => [row.reader, row]))

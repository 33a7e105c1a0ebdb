import { expect, test } from 'vitest'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { removeSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { setOwnSettings } from '../../../../src/desks/reader/settings/own-settings.ts'
import { Gate } from '../../../../src/ground/concurrency/gate.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import type { SendAnswer } from '../../../../src/ground/mail/mailer.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { DELIVERY_BATCH } from '../../../../src/work/digest/send/digests-to-send.ts'
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

test('who has paused, been turned off or been moved since gets none, or gets it there', async () => {
  const program = await putOff([ALICE, BOB, CAROL], BUSY)
  const { deps, mailer } = program
  await pause(program)
  await setSettings(deps, ROOT, BOB, { enabled: false })
  await setSettings(deps, ROOT, CAROL, { deliverTo: 'dave@example.com', language: 'de' })
  const tried = mailer.attempts.length
  expect(await later(program)).toMatchObject({ sent: 1, failed: 0 })
  expect(mailer.attempts.slice(tried)).toMatchObject([{ to: 'dave@example.com', language: 'de' }])
  expect(await digests(program)).toMatchObject({
    [ALICE]: { state: 'empty', reply: expect.stringMatching(/paused .* its messages wait/) },
    [BOB]: { state: 'empty', reply: expect.stringMatching(/turned off .* its messages wait/) },
    [CAROL]: { state: 'sent', deliver_to: 'dave@example.com', language: 'de' },
  })
  await setOwnSettings(deps, ALICE, { pausedUntil: null }, null)
  await run(deps, { schedule: undefined, readers: [ALICE, BOB], dueAt: program.time.now })
  await later(program)
  expect(mailer.attempts.slice(tried)).toMatchObject([{ to: 'dave@example.com' }, { to: ALICE }])
})

test('who gets the digests in the own mailbox again gets it in the spelling that amavis knows', async () => {
  const program = await embeddedProgram()
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: 'dave@example.com' })
  await made(program, ['Alice@Example.com'])
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: null })
  await later(program)
  expect(program.mailer.attempts).toMatchObject([{ to: 'Alice@Example.com' }])
})

test('what may have arrived stays the same digest', async () => {
  const program = await putOff([ALICE], LOST)
  await pause(program)
  expect(await later(program)).toMatchObject({ sent: 1 })
  const [first, second] = program.mailer.attempts
  expect(second?.messageId).toBe(first?.messageId)
})

test('what a dead process had in hand stays the same digest, however often it is put off', async () => {
  const program = await made(await embeddedProgram(), [ALICE])
  const lease = { owner: 'dead', until: NOW + program.deps.lease }
  await leaseDigests(program.state, lease, { now: NOW, dueAt: NOW, limit: 1 })
  await pause(program)
  await later(program, BUSY)
  expect(await later(program)).toMatchObject({ sent: 1 })
})

test('what was asked for by hand goes to who has paused: a digest now, with what was made before', async () => {
  const program = await made(await embeddedProgram(), [ALICE])
  await pause(program)
  await hold(program.storage, { recipient: ALICE, receivedAt: NOW })
  program.mailer.answer = () => BUSY
  expect(await sendNow(program.deps, ALICE, ROOT)).toMatchObject({ digests: 1, outcome: 'queued' })
  expect(await later(program)).toMatchObject({ sent: 2 })
})

test('whoever is faster than who made it sends it to who has paused, too', async () => {
  const program = await embeddedProgram()
  await pause(program)
  await hold(program.storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await run(program.deps, { schedule: undefined, readers: [ALICE], evenPaused: true, dueAt: NOW })
  expect(await later(program)).toMatchObject({ sent: 1 })
})

test('what somebody asks for in the moment in which it is withheld is sent next', async () => {
  const program = await made(await embeddedProgram(), [BOB])
  program.time.now += 1
  await made(program, [ALICE])
  await pause(program)
  let said: SentNow | undefined
  program.mailer.answer = async () => {
    said ??= await sendNow(program.deps, ALICE, ROOT)
    return ACCEPTED
  }
  expect(await oneByOne(program)).toMatchObject({ sent: 1, passedOver: 1 })
  expect(said).toMatchObject({ outcome: 'queued' })
  expect(await later(program)).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts.map(({ to }) => to)).toEqual([BOB, ALICE])
})

test('who is moved or pauses while the batch before is sent gets it there, or none', async () => {
  const others = Array.from({ length: DELIVERY_BATCH }, (_, index) => `reader-${index}@example.com`)
  const program = await made(await embeddedProgram(), others)
  program.time.now += 1
  await made(program, [ALICE, BOB])
  program.mailer.answer = async () => {
    if (program.mailer.attempts.length === DELIVERY_BATCH) {
      await pause(program)
      await setSettings(program.deps, ROOT, BOB, { deliverTo: 'dave@example.com' })
    }
    return ACCEPTED
  }
  expect(await oneByOne(program)).toMatchObject({ sent: DELIVERY_BATCH + 1 })
  expect(program.mailer.attempts.at(-1)).toMatchObject({ to: 'dave@example.com' })
})

test('who was turned off gets nothing that was asked for, but what may have arrived', async () => {
  const program = await made(await embeddedProgram(), [ALICE, BOB])
  program.mailer.answer = ({ to }) => ({ ...BUSY, mayHaveArrived: to === ALICE })
  await deliver(program.deps, { dueAt: NOW })
  await askForDigests(program.state, [ALICE, BOB], NOW)
  for (const reader of [ALICE, BOB]) await setSettings(program.deps, ROOT, reader, { enabled: false })
  expect(await later(program)).toMatchObject({ sent: 1 })
  expect(await digests(program)).toMatchObject({ [ALICE]: { state: 'sent' }, [BOB]: { state: 'empty' } })
})

test('what is sent one more time goes to who has paused, and to where the digests go now', async () => {
  const program = await made(await embeddedProgram(), [ALICE])
  await later(program)
  await pause(program)
  await setSettings(program.deps, ROOT, ALICE, { deliverTo: 'dave@example.com' })
  const { digest_id: id = '' } = (await program.rows('digest_digest'))[0] ?? {}
  await resendDigest(program.deps, ROOT, id)
  expect(await later(program)).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts).toMatchObject([{ to: ALICE }, { to: 'dave@example.com' }])
})

test.each([
  ['off', ({ state }: EmbeddedProgram) => setSchedules(state, { ...DAILY, enabled: false })],
  ['removed', ({ deps }: EmbeddedProgram) => removeSchedule(deps, ROOT, 'daily', { evenIfUsed: true })],
] as const)(
  'what is spread stays unsent once its schedule is %s, and is in the next digest',
  async (_, end) => {
    const program = await embeddedProgram()
    await setSchedules(program.state, DAILY, scheduleOf('weekly', { isDefault: true }))
    await setSettings(program.deps, ROOT, ALICE, { schedules: ['daily'] })
    await hold(program.storage, { recipient: ALICE, receivedAt: NOW - HOUR })
    const byClock = { schedule: 'daily', readers: undefined, byClock: true }
    await run(program.deps, { ...byClock, dueAt: NOW })
    await end(program)
    expect(await later(program)).toMatchObject({ sent: 0, failed: 0 })
    expect(await digests(program)).toMatchObject({
      [ALICE]: {
        state: 'empty',
        reply: expect.stringMatching(/schedule was switched off .* its messages wait/),
      },
    })
    await run(program.deps, { schedule: undefined, readers: undefined, dueAt: program.time.now })
    expect(await later(program)).toMatchObject({ sent: 1 })
  },
)

test('it costs one statement for a batch', async () => {
  const program = await made(
    await embeddedProgram(),
    Array.from({ length: 50 }, (_, index) => `reader-${index}@example.com`),
  )
  program.statements.length = 0
  expect(await later(program)).toMatchObject({ sent: 50 })
  expect(program.statements.filter(text => text.includes('digest_preference'))).toHaveLength(1)
})

/** A digest for each of these recipients. */
async function made(program: EmbeddedProgram, recipients: readonly string[]): Promise<EmbeddedProgram> {
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW })))
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  return program
}

/** And one attempt for each. */
async function putOff(recipients: readonly string[], answer: SendAnswer): Promise<EmbeddedProgram> {
  const program = await made(await embeddedProgram(), recipients)
  program.mailer.answer = () => answer
  await deliver(program.deps, { dueAt: NOW })
  return program
}

const pause = ({ deps }: EmbeddedProgram) => setOwnSettings(deps, ALICE, { pausedUntil: FOREVER }, null)

/** What is due two hours later is delivered. */
function later(program: EmbeddedProgram, answer: SendAnswer = ACCEPTED) {
  program.time.now += 2 * HOUR
  program.mailer.answer = () => answer
  return deliver(program.deps, { dueAt: program.time.now })
}

const oneByOne = ({ deps, time }: EmbeddedProgram) =>
  deliver({ ...deps, connections: 1, mailsAtOnce: new Gate(1) }, { dueAt: time.now })

const digests = async ({ rows }: EmbeddedProgram) =>
  Object.fromEntries((await rows('digest_digest')).map(row => [row.reader, row]))

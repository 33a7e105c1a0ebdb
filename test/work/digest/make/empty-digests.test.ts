import { describe, expect, test } from 'vitest'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { rehearse } from '../../../../src/work/digest/make/rehearse.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { dropDigest } from '../../../../src/work/stuck/digest-lines.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { type HeldMailSpec, hold } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const ALICE = 'alice@example.com'
const BUSY = { outcome: 'deferred', reply: '451 4.2.1 busy' } as const
const GONE = { outcome: 'refused', reply: '550 5.1.1 no such user' } as const
const TAKEN = { outcome: 'accepted', reply: '250 taken' } as const

describe('nobody is told that nothing was held', () => {
  test('while a digest with messages has not reached them', async () => {
    const program = await told()
    await held(program)
    program.mailer.answer = () => BUSY
    expect(await made(program)).toEqual({ digests: 1, items: 1 })
    program.time.now += DAY / 2
    expect(await made(program)).toEqual({ digests: 0, items: 0 })
    program.mailer.answer = () => TAKEN
    program.time.now += HOUR
    await deliver(program.deps, { dueAt: program.time.now })
    program.time.now += DAY
    expect(await made(program)).toEqual({ digests: 1, items: 0 })
  })

  test('though the digest with messages is dropped: until the next one, or until the messages have expired', async () => {
    const program = await told()
    await held(program)
    program.mailer.answer = () => BUSY
    await made(program)
    expect(await dropDigest(program.state, (await lastDigest(program)).digest_id, program.time.now)).toBe(
      true,
    )
    program.mailer.answer = () => TAKEN
    program.time.now += DAY
    expect(await made(program)).toEqual({ digests: 0, items: 0 })
    await held(program)
    expect(await made(program)).toEqual({ digests: 1, items: 1 })
    program.time.now += DAY
    expect(await made(program)).toEqual({ digests: 1, items: 0 })
  })

  test('as soon as a message is held between the making and the sending', async () => {
    const program = await told({ spread: HOUR })
    program.time.now += DAY
    const due = { schedule: 'daily', readers: undefined, dueAt: program.time.now, byClock: true }
    expect(await run(program.deps, due)).toEqual({ digests: 1, items: 0 })
    program.time.now += HOUR
    await held(program)
    expect(await rehearse(program.deps, { ...due, schedule: undefined })).toEqual({ digests: 1, items: 1 })
    const before = program.mailer.attempts.length
    expect(await deliver(program.deps, { dueAt: program.time.now })).toMatchObject({ sent: 0, failed: 0 })
    expect(program.mailer.attempts).toHaveLength(before)
    expect(await lastDigest(program)).toMatchObject({
      item_count: 0,
      state: 'empty',
      reply: 'a message was held back before the reader could be told that there was none',
    })
  })

  test('while such a digest is on its way, and once a later one has told of messages', async () => {
    const program = await told()
    const { deps, mailer, time } = program
    mailer.answer = () => BUSY
    for (const digests of [1, 0, 0]) {
      time.now += HOUR / 60
      expect(await made(program)).toEqual({ digests, items: 0 })
    }
    const empty = await lastDigest(program)
    await held(program)
    await run(deps, { schedule: undefined, readers: undefined, dueAt: time.now })
    mailer.answer = () => TAKEN
    const { digest_id: id } = await lastDigest(program)
    expect(await deliver(deps, { dueAt: time.now, digestIds: [id] })).toMatchObject({ sent: 1 })
    time.now += HOUR
    expect(await deliver(deps, { dueAt: time.now })).toMatchObject({ sent: 0, failed: 0 })
    expect(await program.rows('digest_digest')).toContainEqual({
      ...empty,
      state: 'empty',
      finished_at: time.now,
      reply: 'a later digest was made before the reader could be told that nothing was held',
    })
  })
})

test('a digest that goes out once more has told its reader of its messages before', async () => {
  const program = await told()
  await resendDigest(program.deps, ROOT, (await lastDigest(program)).digest_id)
  program.mailer.answer = () => BUSY
  await deliver(program.deps, { dueAt: program.time.now })
  program.time.now += HOUR
  expect(await made(program)).toEqual({ digests: 1, items: 0 })
})

describe('to a mailbox that is gone', () => {
  test('one sign of life is sent, and no other until something is held', async () => {
    const program = await told()
    program.mailer.answer = () => GONE
    program.time.now += DAY
    expect(await made(program)).toEqual({ digests: 1, items: 0 })
    program.time.now += DAY
    expect(await made(program)).toEqual({ digests: 0, items: 0 })
    await held(program)
    expect(await made(program)).toEqual({ digests: 1, items: 1 })
  })

  test('it is sent where somebody has set something for its reader', async () => {
    const program = await told()
    program.mailer.answer = () => GONE
    await prefer(program.state, ALICE, { language: 'en' })
    for (const _ of [1, 2, 3]) {
      program.time.now += DAY
      expect(await made(program)).toEqual({ digests: 1, items: 0 })
    }
  })

  test.each(['connect ECONNREFUSED', '451 4.2.1 busy', '535 5.7.8 sign-in failed'])(
    'that only could not be reached (%s), it is sent again',
    async reply => {
      const program = await told()
      program.time.now += DAY
      await made(program)
      const { digest_id: id } = await lastDigest(program)
      await program.state.sql
        .updateTable('digest_digest')
        .set({ state: 'failed', reply })
        .where('digest_id', '=', id)
        .execute()
      program.time.now += DAY
      expect(await made(program)).toEqual({ digests: 1, items: 0 })
    },
  )
})

/** A program that tells its readers when nothing was held; Alice has had a digest. */
async function told(fields: Parameters<typeof scheduleOf>[1] = {}): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, sendsEmpty: true, ...fields }))
  await held(program)
  await made(program)
  return program
}

const held = (program: EmbeddedProgram, fields: Partial<HeldMailSpec> = {}) =>
  hold(program.storage, { recipient: ALICE, receivedAt: program.time.now, ...fields })

/** Makes the run that is due now, as its rehearsal has said, and delivers. */
async function made(program: EmbeddedProgram) {
  const { deps, time } = program
  time.now += 1
  const due = { schedule: 'daily', readers: undefined, dueAt: time.now }
  const rehearsed = await rehearse(deps, due)
  expect(await run(deps, due)).toEqual(rehearsed)
  await deliver(deps, { dueAt: time.now })
  return rehearsed
}

async function lastDigest(program: EmbeddedProgram) {
  const last = (await program.rows('digest_digest')).toSorted((a, b) => a.created_at - b.created_at).at(-1)
  if (!last) throw new Error('there is no digest')
  return last
}

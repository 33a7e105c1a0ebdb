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
  test('while a digest with messages has not reached them yet', async () => {
    const program = await programWithOneDigest()
    await holdMail(program)
    program.mailer.answer = () => BUSY
    expect(await makeRun(program)).toEqual({ digests: 1, items: 1 })
    program.time.now += DAY / 2
    expect(await makeRun(program)).toEqual({ digests: 0, items: 0 })
    program.mailer.answer = () => TAKEN
    program.time.now += HOUR
    await deliver(program.deps, { dueAt: program.time.now })
    program.time.now += DAY
    expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
  })

  test('after a digest with messages was dropped, until the next one or until the messages have expired', async () => {
    const program = await programWithOneDigest()
    await holdMail(program)
    program.mailer.answer = () => BUSY
    await makeRun(program)
    expect(await dropDigest(program.state, (await lastDigest(program)).digest_id, program.time.now)).toBe(
      true,
    )
    program.mailer.answer = () => TAKEN
    program.time.now += DAY
    expect(await makeRun(program)).toEqual({ digests: 0, items: 0 })
    await holdMail(program)
    expect(await makeRun(program)).toEqual({ digests: 1, items: 1 })
    program.time.now += DAY
    expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
  })

  test('if a message is held between making the empty digest and sending it', async () => {
    const program = await programWithOneDigest({ spread: HOUR })
    program.time.now += DAY
    const due = { schedule: 'daily', readers: undefined, dueAt: program.time.now, byClock: true }
    expect(await run(program.deps, due)).toEqual({ digests: 1, items: 0 })
    program.time.now += HOUR
    await holdMail(program)
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

  test('while another empty digest is on its way, or once a later digest has listed messages', async () => {
    const program = await programWithOneDigest()
    const { deps, mailer, time } = program
    mailer.answer = () => BUSY
    for (const digests of [1, 0, 0]) {
      time.now += HOUR / 60
      expect(await makeRun(program)).toEqual({ digests, items: 0 })
    }
    const empty = await lastDigest(program)
    await holdMail(program)
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

test('the messages of a digest that is being resent count as known to the reader', async () => {
  const program = await programWithOneDigest()
  await resendDigest(program.deps, ROOT, (await lastDigest(program)).digest_id)
  program.mailer.answer = () => BUSY
  await deliver(program.deps, { dueAt: program.time.now })
  program.time.now += HOUR
  expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
})

describe('to a mailbox that is gone', () => {
  test('one empty digest is sent, and no other until a message is held', async () => {
    const program = await programWithOneDigest()
    program.mailer.answer = () => GONE
    program.time.now += DAY
    expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
    program.time.now += DAY
    expect(await makeRun(program)).toEqual({ digests: 0, items: 0 })
    await holdMail(program)
    expect(await makeRun(program)).toEqual({ digests: 1, items: 1 })
  })

  test('empty digests are sent as long as the reader has settings', async () => {
    const program = await programWithOneDigest()
    program.mailer.answer = () => GONE
    await prefer(program.state, ALICE, { language: 'en' })
    for (const _ of [1, 2, 3]) {
      program.time.now += DAY
      expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
    }
  })

  test.each(['connect ECONNREFUSED', '451 4.2.1 busy', '535 5.7.8 sign-in failed'])(
    'after a failure that was no refusal (%s), another one is sent',
    async reply => {
      const program = await programWithOneDigest()
      program.time.now += DAY
      await makeRun(program)
      const { digest_id: id } = await lastDigest(program)
      await program.state.sql
        .updateTable('digest_digest')
        .set({ state: 'failed', reply })
        .where('digest_id', '=', id)
        .execute()
      program.time.now += DAY
      expect(await makeRun(program)).toEqual({ digests: 1, items: 0 })
    },
  )
})

/** A program that tells its readers when nothing was held; Alice has had a digest. */
async function programWithOneDigest(fields: Parameters<typeof scheduleOf>[1] = {}): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, sendsEmpty: true, ...fields }))
  await holdMail(program)
  await makeRun(program)
  return program
}

const holdMail = (program: EmbeddedProgram, fields: Partial<HeldMailSpec> = {}) =>
  hold(program.storage, { recipient: ALICE, receivedAt: program.time.now, ...fields })

/** Makes the run that is due now, compares it with its rehearsal, and delivers. */
async function makeRun(program: EmbeddedProgram) {
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

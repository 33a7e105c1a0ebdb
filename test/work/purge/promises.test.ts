import { expect, test } from 'vitest'
import type { HeldMailKey } from '../../../src/ground/amavis/held-mail.ts'
import { retentionOf } from '../../../src/ground/amavis/retention.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import type { ReleaseState } from '../../../src/ground/state/states.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { tidyOwnRows } from '../../../src/work/purge/own-rows.ts'
import { purge } from '../../../src/work/purge/purge.ts'
import { hold, updateRecipient } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { dryRun, forReal, purgeDeps, remains } from '../../embedded/purging.ts'

const ALICE = 'alice@example.com'
const ALL = { schedule: undefined, readers: undefined, dueAt: 0 }

/** A message that came two hours ago, and has an item. */
async function collected(program: EmbeddedProgram): Promise<HeldMailKey> {
  const [key] = await hold(program.storage, {
    recipient: ALICE,
    receivedAt: program.time.now - 2 * HOUR,
    mailId: 'held',
  })
  await collect(program.deps, program.time.now)
  if (!key) throw new Error('nothing was held')
  return key
}

/** Lists it in a digest that was made now. */
async function list({ state, time }: EmbeddedProgram): Promise<void> {
  await state.sql
    .insertInto('digest_digest')
    .values({
      digest_id: 'listed',
      run_id: 'run',
      batch_id: 'batch',
      reader: ALICE,
      deliver_to: ALICE,
      language: 'en',
      time_zone: 'UTC',
      item_count: 1,
      state: 'sent',
      created_at: time.now,
      attempts: 1,
      next_attempt_at: time.now,
    } as never)
    .execute()
  await state.sql.updateTable('digest_item').set({ digest_id: 'listed' }).execute()
}

async function release({ state, time }: EmbeddedProgram, to: ReleaseState): Promise<void> {
  const item = await state.sql.selectFrom('digest_item').select('item_id').executeTakeFirstOrThrow()
  await state.sql
    .insertInto('digest_release')
    .values({
      item_id: item.item_id,
      state: to,
      claim_id: 'claim',
      requested_by: ALICE,
      requested_at: time.now,
      lease_until: 0,
      attempts: 1,
    } as never)
    .execute()
}

/** Whether a purge of everything older than an hour, so much later, leaves the message. */
async function isLeft(program: EmbeddedProgram, later: number): Promise<boolean> {
  const deps = purgeDeps(program.storage, program.state, { clock: () => program.time.now + later })
  const counted = await purge(deps, { ...dryRun(), olderThan: HOUR })
  const { promised } = await purge(deps, { ...forReal(), olderThan: HOUR })
  const { msgs } = await remains(program.storage)
  expect({ counted: counted.promised, promised }).toEqual({ counted: msgs.length, promised: msgs.length })
  expect(counted.msgs).toBe(1 - msgs.length)
  return msgs.length === 1
}

test('what no item tells of goes when it is old', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, { recipient: ALICE, receivedAt: program.time.now - 2 * HOUR })
  expect(await isLeft(program, 0)).toBe(false)
})

test('what waits for a digest stays as long as a digest may list it', async () => {
  const program = await embeddedProgram()
  await collected(program)
  expect(await isLeft(program, 29 * DAY)).toBe(true)
  expect(await isLeft(program, 30 * DAY)).toBe(false)
})

test('what a mail lists stays until the time that stands there', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await list(program)
  expect(await isLeft(program, 13 * DAY)).toBe(true)
  expect(await isLeft(program, 15 * DAY)).toBe(false)
})

/** Whether a purge leaves it after the retention and the lifetime of links have become a day. */
async function isLeftByShorter(program: EmbeddedProgram, later: number): Promise<boolean> {
  const day = retentionOf(DAY)
  const shorter = { retention: day, lifetime: DAY, clock: () => program.time.now + later }
  const terms = { retention: day, released: undefined, deleted: undefined }
  await purge(purgeDeps(program.storage, program.state, { ...shorter, terms }), forReal())
  await tidyOwnRows({ state: program.state, ...shorter }, program.time.now + later)
  const { msgs } = await remains(program.storage)
  return msgs.length === 1
}

test('what a mail says stays true when retention and lifetime are made shorter, and so does its item', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await run(program.deps, ALL)
  await deliver(program.deps, { dueAt: program.time.now })
  expect(program.mailer.attempts).toHaveLength(1)
  expect(await isLeftByShorter(program, 14 * DAY - 1)).toBe(true)
  expect(await program.rows('digest_item')).toHaveLength(1)
  expect(await isLeftByShorter(program, 14 * DAY + 1)).toBe(false)
  await isLeftByShorter(program, 16 * DAY)
  expect(await program.rows('digest_item')).toEqual([])
})

test('a mail that goes out after links were given a longer life promises that', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await run(program.deps, ALL)
  await deliver({ ...program.deps, lifetime: 20 * DAY }, { dueAt: program.time.now })
  expect(await isLeftByShorter(program, 20 * DAY - 1)).toBe(true)
  expect(await isLeftByShorter(program, 20 * DAY)).toBe(false)
})

test('the promise is that of the kind of mail', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await list(program)
  const spamForADay = retentionOf(30 * DAY, { spam: DAY })
  const deps = purgeDeps(program.storage, program.state, {
    retention: spamForADay,
    terms: { retention: spamForADay, released: undefined, deleted: undefined },
    clock: () => program.time.now + 23 * HOUR,
  })
  expect(await purge(deps, forReal())).toMatchObject({ msgs: 1, kinds: { spam: { msgs: 1 } } })
})

test.each([
  ['releasing', 100 * DAY, true],
  ['queued', 100 * DAY, true],
  ['uncertain', 13 * DAY, true],
  ['uncertain', 15 * DAY, false],
  ['released', HOUR, false],
] as const)('a message whose release is %s, %i ms later, is left: %s', async (state, later, left) => {
  const program = await embeddedProgram()
  await collected(program)
  await list(program)
  await release(program, state)
  expect(await isLeft(program, later)).toBe(left)
})

test('what amavis has as released or marked for deletion is promised to nobody', async () => {
  for (const rs of ['R', 'D']) {
    const program = await embeddedProgram()
    await updateRecipient(program.storage, await collected(program), { rs })
    await list(program)
    expect(await isLeft(program, HOUR)).toBe(false)
  }
})

test('a release under way keeps a message that is marked as deleted or released', async () => {
  for (const [rs, state] of [
    ['D', 'releasing'],
    ['R', 'queued'],
  ] as const) {
    const program = await embeddedProgram()
    await updateRecipient(program.storage, await collected(program), { rs })
    await release(program, state)
    expect(await isLeft(program, HOUR)).toBe(true)
  }
})

test('what a reader has asked an admin for stays, however old it is', async () => {
  const program = await embeddedProgram()
  await updateRecipient(program.storage, await collected(program), { rs: 'p' })
  const deps = purgeDeps(program.storage, program.state, { clock: () => program.time.now + 300 * DAY })
  expect(await purge(deps, forReal())).toMatchObject({ msgs: 0 })
})

test('an item of a message of last year with the same key promises nothing', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await program.storage.sql
    .updateTable('msgs')
    .set(row => ({ time_num: row('time_num', '-', 400 * 24 * 3600) }))
    .execute()
  expect(await isLeft(program, 0)).toBe(false)
})

test('our own rows go with the mail and the links to it, and a pending release keeps its own', async () => {
  const program = await embeddedProgram()
  await collected(program)
  await list(program)
  const at = (later: number) =>
    purgeDeps(program.storage, program.state, { clock: () => program.time.now + later })
  expect(await purge(at(44 * DAY), forReal())).toMatchObject({ msgs: 1, own: 0 })
  await release(program, 'queued')
  expect(await purge(at(100 * DAY), forReal())).toMatchObject({ own: 0 })
  await program.state.sql.updateTable('digest_release').set({ state: 'failed' }).execute()
  expect(await purge(at(100 * DAY), dryRun())).toMatchObject({ own: 2 })
  expect(await purge(at(100 * DAY), forReal())).toMatchObject({ own: 3 })
  for (const table of ['digest_item', 'digest_digest', 'digest_release'] as const)
    expect(await program.rows(table)).toEqual([])
})

test("our own rows also go where another program purges amavis's tables", async () => {
  const program = await embeddedProgram()
  await collected(program)
  await list(program)
  await release(program, 'failed')
  const { state, deps, time } = program
  const own = { state, retention: deps.retention, lifetime: deps.lifetime }
  await tidyOwnRows(own, time.now + 40 * DAY)
  expect(await program.rows('digest_item')).not.toEqual([])
  await tidyOwnRows(own, time.now + 100 * DAY)
  for (const table of ['digest_item', 'digest_digest', 'digest_release'] as const)
    expect(await program.rows(table)).toEqual([])
})

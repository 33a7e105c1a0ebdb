import { expect, test } from 'vitest'
import { retentionOf } from '../../../../src/ground/amavis/retention.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { claim, compile, planDigests, prepare } from '../../../../src/work/digest/make/compile.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { ALL_AT_ONCE } from '../../../../src/work/digest/make/terms.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { settingsOf } from '../../../../src/work/settings/read-settings.ts'
import { writeSettings } from '../../../../src/work/settings/write-settings.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold, purge, updateRecipient } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { policiesWith } from '../../../standard-policies.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const spam = (recipient: string, fields: Partial<HeldMailSpec> = {}): HeldMailSpec => ({
  recipient,
  receivedAt: NOW - HOUR,
  ...fields,
})

test('everything that waits for a reader becomes one digest, however the address is spelled', async () => {
  const program = await collected(spam('Alice@example.com'), spam(ALICE), spam(BOB))
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 2, items: 3 })
  const digests = await program.rows('digest_digest')
  const alices = digests.find(digest => digest.reader === ALICE)
  expect(alices).toMatchObject({
    item_count: 2,
    state: 'pending',
    attempts: 0,
    created_at: NOW,
    next_attempt_at: NOW,
    language: 'en',
    time_zone: 'UTC',
    lease_owner: null,
  })
  const items = await program.rows('digest_item')
  expect(items.filter(item => item.digest_id === alices?.digest_id).map(item => item.reader)).toEqual([
    ALICE,
    ALICE,
  ])
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 0, items: 0 })
})

test('a digest goes to the address as amavis spells it, or to the destination that the reader has set', async () => {
  const program = await collected(spam('Case.Matters@Example.com'), spam(BOB))
  await prefer(program.state, BOB, { deliver_to: 'elsewhere@example.org' })
  await compileFor(program, 'case.matters@example.com', BOB)
  const digests = await program.rows('digest_digest')
  expect(digests.map(digest => digest.deliver_to).sort()).toEqual([
    'Case.Matters@Example.com',
    'elsewhere@example.org',
  ])
})

test('a digest has a copy for each address but its own, which claims no message and is not counted', async () => {
  const program = await collected(spam(ALICE), spam(BOB))
  await prefer(program.state, '@example.com', { copy_to: '["help@example.com","Alice@Example.com"]' })
  await prefer(program.state, BOB, { copy_to: '[]' })
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 2, items: 2 })
  const digests = await program.rows('digest_digest')
  const alices = digests.find(digest => digest.reader === ALICE && digest.copy_of === null)
  expect(digests.filter(digest => digest.copy_of !== null)).toMatchObject([
    {
      copy_of: alices?.digest_id,
      reader: ALICE,
      deliver_to: 'help@example.com',
      item_count: 1,
      run_id: alices?.run_id,
      created_at: alices?.created_at,
      next_attempt_at: alices?.next_attempt_at,
    },
  ])
  const items = await program.rows('digest_item')
  expect(items.find(item => item.reader === ALICE)).toMatchObject({
    digest_id: alices?.digest_id,
    listed_in: alices?.digest_id,
  })
  expect(items.find(item => item.reader === BOB)?.listed_in).toBeNull()
})

test('what the links promise is noted, and what an earlier mail promises for longer stays', async () => {
  const program = await collected(
    spam(ALICE, { mailId: 'spam' }),
    spam(ALICE, { mailId: 'banned', content: 'B' }),
    spam(BOB, { mailId: 'again' }),
  )
  await program.state.sql
    .updateTable('digest_item')
    .set({ promised_until: NOW + 20 * DAY })
    .where('reader', '=', BOB)
    .execute()
  const deps = { ...program.deps, retention: retentionOf(30 * DAY, { banned: 2 * DAY }) }
  const settings = await settingsOf(program.state, [ALICE, BOB], program.deps.standard)
  await compile(deps, 'run', settings, NOW)
  const noted = (await program.rows('digest_item')).map(row => [row.mail_id, row.promised_until])
  expect(Object.fromEntries(noted)).toEqual({
    spam: NOW + 14 * DAY,
    banned: NOW - HOUR + 2 * DAY,
    again: NOW + 20 * DAY,
  })
})

test('a message that waits again stays while a mail promises it, though the retention is over by now', async () => {
  const program = await collected(spam(ALICE))
  const short = { ...program.deps, retention: retentionOf(HOUR / 2) }
  const settings = await settingsOf(program.state, [ALICE], program.deps.standard)
  const promise = (until: number) =>
    program.state.sql.updateTable('digest_item').set({ promised_until: until }).execute()
  await promise(NOW + 1)
  expect(await compile(short, 'run', settings, NOW)).toEqual({ digests: 0, items: 0 })
  expect(await program.rows('digest_item')).toHaveLength(1)
  await promise(NOW)
  await compile(short, 'run', settings, NOW)
  expect(await program.rows('digest_item')).toEqual([])
})

test('a message that was released, marked, delivered or purged since it was collected is dropped', async () => {
  const program = await collected(
    spam(ALICE, { mailId: 'released' }),
    spam(ALICE, { mailId: 'marked' }),
    spam(ALICE, { mailId: 'delivered' }),
    spam(ALICE, { mailId: 'purged' }),
    spam(ALICE, { mailId: 'waits' }),
  )
  const change = (mailId: string, fields: Parameters<typeof updateRecipient>[2]) =>
    updateRecipient(program.storage, { partitionTag: 0, mailId, rseqnum: 1 }, fields)
  await change('released', { rs: 'R' })
  await change('marked', { rs: 'D' })
  await change('delivered', { ds: 'P' })
  await purge(program.storage, { partitionTag: 0, mailId: 'purged', rseqnum: 1 })
  const readers = await settingsOf(program.state, [ALICE], program.deps.standard)
  expect(await planDigests(program.deps, readers, NOW)).toMatchObject([{ reader: ALICE, messages: 1 }])
  expect(await compileFor(program, ALICE)).toEqual({ digests: 1, items: 1 })
  expect((await program.rows('digest_item')).map(item => item.mail_id)).toEqual(['waits'])
})

test('a message older than the quarantine’s retention is not listed', async () => {
  const program = await collected(spam(ALICE, { receivedAt: NOW - 2 * HOUR }))
  const deps = { ...program.deps, retention: retentionOf(2 * HOUR) }
  const readers = await settingsOf(program.state, [ALICE], deps.standard)
  expect(await compile(deps, 'run', readers, NOW)).toEqual({ digests: 0, items: 0 })
})

test('a message that the policy no longer lets anyone release is dropped', async () => {
  const program = await collected(spam(ALICE, { content: 'B' }))
  const deps = { ...program.deps, policies: policiesWith({ banned: 'never' }) }
  const readers = await settingsOf(program.state, [ALICE], deps.standard)
  expect(await compile(deps, 'run', readers, NOW)).toEqual({ digests: 0, items: 0 })
})

test('a message that another program is about to release waits for the next digest', async () => {
  const program = await collected(spam(ALICE))
  const [item] = await program.rows('digest_item')
  const key = { partitionTag: 0, mailId: item?.mail_id ?? '', rseqnum: 1 }
  await updateRecipient(program.storage, key, { rs: 'p' })
  expect(await compileFor(program, ALICE)).toEqual({ digests: 0, items: 0 })
  await updateRecipient(program.storage, key, { rs: ' ' })
  expect(await compileFor(program, ALICE)).toEqual({ digests: 1, items: 1 })
})

test('a reader with nothing left gets no digest', async () => {
  const program = await collected(spam(ALICE))
  const [item] = await program.rows('digest_item')
  await purge(program.storage, { partitionTag: 0, mailId: item?.mail_id ?? '', rseqnum: 1 })
  expect(await compileFor(program, ALICE)).toEqual({ digests: 0, items: 0 })
  expect(await program.rows('digest_digest')).toEqual([])
})

test('two processes that compile at once never claim an item twice', async () => {
  const readers = Array.from({ length: 300 }, (_, index) => `reader-${index}@example.com`)
  const program = await collected(...readers.flatMap(reader => [spam(reader), spam(reader)]))
  const made = await Promise.all([compileFor(program, ...readers), compileFor(program, ...readers)])
  expect(made[0].items + made[1].items).toBe(600)
  expect(made[0].digests + made[1].digests).toBe(300)
  const digests = await program.rows('digest_digest')
  const items = await program.rows('digest_item')
  for (const digest of digests) {
    expect(items.filter(item => item.digest_id === digest.digest_id)).toHaveLength(digest.item_count)
  }
})

test('what another process has claimed since a batch was read is not claimed again, and the rest of it is', async () => {
  const { state, deps, rows } = await collected(spam(ALICE), spam(ALICE), spam(BOB))
  const readers = await settingsOf(state, [ALICE, BOB], deps.standard)
  const batch = await prepare(deps, readers, NOW, ALL_AT_ONCE)
  const [taken] = batch.listed.filter(item => item.reader === ALICE)
  const gone = batch.listed.find(item => item.reader === BOB)
  if (!taken || !gone) throw new Error('nothing waits')
  await state.sql
    .updateTable('digest_item')
    .set({ digest_id: 'theirs' })
    .where('item_id', 'in', [taken.itemId, gone.itemId])
    .execute()
  expect(await claim(deps, 'run', batch, NOW, ALL_AT_ONCE)).toEqual({ digests: 1, items: 1 })
  expect(await rows('digest_digest')).toMatchObject([{ reader: ALICE, item_count: 1 }])
  const byDigest = Map.groupBy(await rows('digest_item'), item => item.digest_id)
  expect([...byDigest.keys()].filter(id => id !== 'theirs')).toHaveLength(1)
  expect(byDigest.get('theirs')).toHaveLength(2)
})

test('a batch of which others were quicker at each attempt ends with a code, and leaves nothing behind', async () => {
  const { state, deps, rows } = await collected(spam(ALICE), spam(ALICE))
  const batch = await prepare(deps, await settingsOf(state, [ALICE], deps.standard), NOW, ALL_AT_ONCE)
  const [taken] = batch.listed
  if (!taken) throw new Error('nothing waits')
  await state.sql
    .updateTable('digest_item')
    .set({ digest_id: 'theirs' })
    .where('item_id', '=', taken.itemId)
    .execute()
  const lastAttempt = claim(deps, 'run', batch, NOW, ALL_AT_ONCE, 1)
  await expect(lastAttempt).rejects.toMatchObject({
    code: 'RUN_OVERTAKEN',
    message: expect.stringContaining('run it again'),
  })
  expect(await rows('digest_digest')).toEqual([])
  expect((await rows('digest_item')).map(item => item.digest_id).sort()).toEqual([null, 'theirs'])
})

test('what is over but was claimed by another process since a batch was read stays with its digest', async () => {
  const { state, storage, deps, rows } = await collected(spam(ALICE, { mailId: 'released' }))
  await updateRecipient(storage, { partitionTag: 0, mailId: 'released', rseqnum: 1 }, { rs: 'R' })
  const batch = await prepare(deps, await settingsOf(state, [ALICE], deps.standard), NOW, ALL_AT_ONCE)
  expect(batch.dropped).toHaveLength(1)
  await state.sql.updateTable('digest_item').set({ digest_id: 'theirs' }).execute()
  await claim(deps, 'run', { ...batch, leftOut: batch.dropped }, NOW, ALL_AT_ONCE)
  await claim(deps, 'run', { ...batch, refused: batch.dropped }, NOW, ALL_AT_ONCE)
  expect((await rows('digest_item')).map(item => item.digest_id)).toEqual(['theirs'])
})

test('a crash before the end of the transaction leaves everything as it was', async () => {
  const program = await collected(spam(ALICE), spam(BOB))
  const readers = await settingsOf(program.state, [ALICE, BOB], program.deps.standard)
  // This index lets a run have one digest only, so the second row breaks the transaction.
  await program.state.sql.schema
    .createIndex('breaks')
    .unique()
    .on('digest_digest')
    .columns(['run_id'])
    .execute()
  await expect(compile(program.deps, 'run', readers, NOW)).rejects.toThrow()
  expect(await program.rows('digest_digest')).toEqual([])
  expect((await program.rows('digest_item')).every(item => item.digest_id === null)).toBe(true)
})

test('1,000 readers with 3,000 messages are claimed by six statements, not one per reader or item', async () => {
  const readers = Array.from({ length: 1000 }, (_, index) => `reader-${index}@example.com`)
  const program = await collected(...readers.flatMap(reader => [spam(reader), spam(reader), spam(reader)]))
  program.statements.length = 0
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 1000, items: 3000 })
  const made = program.statements.findLastIndex(statement => statement.includes('"digest_schedule"'))
  const claiming = program.statements
    .slice(made + 1)
    .filter(statement => !/^(?:begin|commit)/.test(statement))
  // Sorted, because the next lot is looked for while this one is claimed.
  expect(claiming.map(statement => statement.slice(0, 40)).sort()).toEqual(
    [
      'select "reader", count(*) as "items" fro',
      'select * from "digest_preference" where ',
      'select * from "digest_item" where "diges',
      'select "msgrcpt"."partition_tag", "msgrc',
      'insert into "digest_digest" ("digest_id"',
      'update "digest_item" set "digest_id" = (',
      // The next lot, of which there is none, and the end of the run.
      'select "reader", count(*) as "items" fro',
      'update "digest_run" set "finished_at" = ',
    ].sort(),
  )
})

test('a run serves the readers who have chosen its schedule, or everybody else if it is the default', async () => {
  const program = await collected(spam(ALICE), spam(BOB), spam('carol@example.com'))
  await seedSchedules(program.state, [schedule('daily'), schedule('weekly')], NOW)
  await prefer(program.state, BOB, { schedules: '["weekly"]' })
  await prefer(program.state, 'carol@example.com', { schedules: '["weekly","daily"]' })
  const readersAfter = async (schedule: string) => {
    await run(program.deps, { ...EVERYBODY, schedule })
    return (await program.rows('digest_digest')).map(digest => digest.reader).sort()
  }
  expect(await readersAfter('daily')).toEqual([ALICE, 'carol@example.com'])
  expect(await readersAfter('weekly')).toEqual([ALICE, BOB, 'carol@example.com'])
})

test('readers who have paused or are turned off get no digest, and their messages keep waiting', async () => {
  const program = await collected(spam(ALICE), spam(BOB))
  await prefer(program.state, ALICE, { paused_until: NOW + DAY })
  await prefer(program.state, BOB, { enabled: 0 })
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 0, items: 0 })
  program.time.now = NOW + DAY
  expect(await run(program.deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
})

test('a run for some readers leaves the others alone', async () => {
  const program = await collected(spam(ALICE), spam(BOB))
  expect(await run(program.deps, { ...EVERYBODY, readers: [BOB] })).toEqual({ digests: 1, items: 1 })
  expect((await program.rows('digest_digest'))[0]?.reader).toBe(BOB)
})

test('a run that was stopped continues where it was', async () => {
  const program = await collected(spam(ALICE))
  await seedSchedules(program.state, [schedule('daily')], NOW)
  const request = { ...EVERYBODY, schedule: 'daily' }
  const stopped = await run(program.deps, { ...request, signal: AbortSignal.abort() })
  expect(stopped).toEqual({ digests: 0, items: 0 })
  expect(await program.rows('digest_run')).toMatchObject([{ finished_at: null }])
  expect(await run(program.deps, request)).toEqual({ digests: 1, items: 1 })
  expect(await program.rows('digest_run')).toMatchObject([{ finished_at: NOW }])
})

const schedule = (name: string) => ({
  name,
  cron: ['0 6 * * *'],
  timezone: 'UTC',
  default: name === 'daily',
})

const EVERYBODY = { schedule: undefined, readers: undefined, dueAt: NOW } as const

/** A program that has collected these messages. */
/** As the real amavisd stores mail of a sender on a recipient's block list. */
const blocked = (recipient: string) => spam(recipient, { content: 'S', score: 0, bl: 'Y' })

test('mail of blocked senders is left out for readers who want it so, and waits again once they do not', async () => {
  const program = await collected(spam(ALICE), blocked(ALICE), blocked(BOB))
  const { deps, state, rows } = program
  const leaveOut = (scope: string, leaveOutBlocked: boolean | null) =>
    writeSettings(state, {
      scope,
      changeOf: () => ({ leaveOutBlocked }),
      expected: undefined,
      actor: { kind: 'admin', name: 'root@example.com', remoteAddress: null },
      now: NOW,
    })
  await leaveOut('@example.com', true)
  const readers = await settingsOf(state, [ALICE, BOB], deps.standard)
  expect(await planDigests(deps, readers, NOW)).toMatchObject([{ reader: ALICE, messages: 1 }])
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 1, items: 1 })
  expect(await countWaiting(program)).toBe(0)
  expect(await rows('digest_item')).toHaveLength(3)

  await leaveOut(BOB, false)
  expect(await countWaiting(program)).toBe(1)
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 1, items: 1 })
  await leaveOut('@example.com', null)
  expect(await compileFor(program, ALICE, BOB)).toEqual({ digests: 1, items: 1 })
  expect(await countWaiting(program)).toBe(0)
})

const countWaiting = async ({ rows }: EmbeddedProgram): Promise<number> =>
  (await rows('digest_item')).filter(item => item.digest_id === null).length

async function collected(...specs: HeldMailSpec[]): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await hold(program.storage, ...specs)
  await collect(program.deps, NOW)
  return program
}

async function compileFor(program: EmbeddedProgram, ...readers: string[]) {
  return compile(program.deps, 'run', await settingsOf(program.state, readers, program.deps.standard), NOW)
}

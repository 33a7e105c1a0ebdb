import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { STEP_CHANNEL } from '../../../../src/ground/steps.ts'
import type { Schedule } from '../../../../src/rules/schedule/schedule.ts'
import { writeEmptyDigests } from '../../../../src/work/digest/make/empty-digests.ts'
import { rehearse } from '../../../../src/work/digest/make/rehearse.ts'
import { type RunRequest, run } from '../../../../src/work/digest/make/run.ts'
import { settingsOf } from '../../../../src/work/settings/read-settings.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold, purge } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'
const DORA = 'dora@example.com'

const mail = (recipient: string, fields: Partial<HeldMailSpec> = {}): HeldMailSpec => ({
  recipient,
  receivedAt: NOW - HOUR,
  ...fields,
})

test('two schedules of one reader each carry what their filter admits; other messages keep waiting', async () => {
  const program = await programWith(
    scheduleOf('borderline', { filter: { kinds: ['spam'], maxScore: 10 } }),
    scheduleOf('obvious', { filter: { kinds: ['spam'], minScore: 10 } }),
  )
  await prefer(program.state, ALICE, { schedules: '["borderline","obvious"]' })
  await hold(
    program.storage,
    mail(ALICE, { mailId: 'low', score: 6 }),
    mail(ALICE, { mailId: 'unscored', score: null }),
    mail(ALICE, { mailId: 'ten', score: 10 }),
    mail(ALICE, { mailId: 'header', content: 'M', score: 1 }),
    mail(BOB, { mailId: 'bobs', score: 20 }),
  )
  expect(await makeRuns(program, 'obvious')).toEqual({ digests: 1, items: 1 })
  expect(await listedMail(program)).toEqual(['ten'])
  expect(await makeRuns(program, 'borderline')).toEqual({ digests: 1, items: 2 })
  expect(await listedMail(program)).toEqual(['low', 'ten', 'unscored'])
  expect(await makeRuns(program, 'obvious', 'borderline')).toEqual({ digests: 0, items: 0 })
  expect(await waitingMail(program)).toEqual(['bobs', 'header'])
})

test('a run without a schedule carries everything; a schedule’s run for one reader, what it carries', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true, filter: { minScore: 10 } }))
  await hold(program.storage, mail(ALICE, { score: 20 }), mail(ALICE, { score: 1 }), mail(BOB, { score: 20 }))
  const forAlice = { readers: [ALICE], dueAt: NOW }
  expect(await run(program.deps, { ...forAlice, schedule: 'daily' })).toEqual({ digests: 1, items: 1 })
  expect(await run(program.deps, { ...forAlice, schedule: undefined })).toEqual({ digests: 1, items: 1 })
  expect(await waitingMail(program)).toHaveLength(1)
})

test('a message that is gone is dropped even if the schedule would not carry it', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true, filter: { kinds: ['banned'] } }))
  const [gone] = await hold(program.storage, mail(ALICE), mail(ALICE, { mailId: 'waits' }))
  await rehearse(program.deps, request('daily'))
  if (gone) await purge(program.storage, gone)
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 0, items: 0 })
  expect(await waitingMail(program)).toEqual(['waits'])
})

test('too few messages make no digest; they wait until there are enough', async () => {
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, filter: { minScore: 5 }, minMessages: 3 }),
  )
  // Messages that the filter leaves out do not count towards the minimum.
  await hold(program.storage, mail(ALICE), mail(ALICE), mail(ALICE, { score: 1 }))
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 0, items: 0 })
  expect(await waitingMail(program)).toHaveLength(3)
  await hold(program.storage, mail(ALICE, { receivedAt: NOW }))
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 1, items: 3 })
})

test('no message is lost to a minimum: a smaller digest is made before one expires', async () => {
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, minMessages: 5 }),
    scheduleOf('weekly', { crons: ['0 6 * * 1'], minMessages: 5 }),
  )
  const { retention, expiringSoon } = program.deps
  await prefer(program.state, BOB, { schedules: '["weekly"]' })
  await hold(program.storage, mail(ALICE), mail(ALICE), mail(BOB))
  await rehearse(program.deps, request('daily'))
  const expiry = NOW - HOUR + retention.longest
  const madeAt = async (now: number, schedule: string) => {
    program.time.now = now - 1
    return (await makeRuns(program, schedule)).items
  }
  expect(await madeAt(expiry - expiringSoon - 1, 'daily')).toBe(0)
  // The run of the Monday after it would come too late.
  const monday = Date.UTC(2026, 3, 6, 6)
  expect(expiry - monday).toBeGreaterThan(expiringSoon)
  expect(await madeAt(monday - 7 * DAY, 'weekly')).toBe(0)
  expect(await madeAt(monday, 'weekly')).toBe(1)
  expect(await madeAt(expiry - expiringSoon, 'daily')).toBe(2)
})

test('a known reader with nothing waiting is told once per run that nothing was held', async () => {
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, sendsEmpty: true }),
    scheduleOf('weekly'),
  )
  await hold(program.storage, mail('Alice@example.com'), mail(BOB), mail(DORA))
  await prefer(program.state, DORA, { deliver_to: 'd@example.org' })
  await makeRuns(program, 'daily')
  await program.state.sql.deleteFrom('digest_preference').where('scope', '=', DORA).execute()
  await program.state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  await prefer(program.state, CAROL, {
    language: 'de',
    time_zone: 'Europe/Berlin',
    deliver_to: 'c@example.org',
  })
  // Alice is known by a digest and by settings, and is told once.
  await prefer(program.state, ALICE, { language: 'en' })
  await prefer(program.state, 'paused@example.com', { paused_until: NOW + 9 * DAY })
  await prefer(program.state, 'off@example.com', { enabled: 0 })
  await prefer(program.state, 'weekly@example.com', { schedules: '["weekly"]' })
  await prefer(program.state, '@example.com', { language: 'fr' })
  await prefer(program.state, '@', { language: 'nl' })
  program.time.now = NOW + DAY
  await hold(program.storage, mail(BOB, { receivedAt: NOW + DAY - HOUR }))
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 4, items: 1 })
  const fresh = (await program.rows('digest_digest')).filter(row => row.state === 'pending')
  expect(fresh.map(row => [row.reader, row.deliver_to, row.item_count]).sort()).toEqual([
    // As amavis spells it.
    [ALICE, 'Alice@example.com', 0],
    [BOB, BOB, 1],
    [CAROL, 'c@example.org', 0],
    // The destination in her old settings no longer matters.
    [DORA, DORA, 0],
  ])
  expect(fresh.find(row => row.reader === CAROL)).toMatchObject({
    language: 'de',
    time_zone: 'Europe/Berlin',
    attempts: 0,
    next_attempt_at: program.time.now,
  })
  expect(await makeRuns(program, 'weekly')).toEqual({ digests: 0, items: 0 })
})

test('readers with waiting mail get no empty digest; runs for some readers or of no schedule make none', async () => {
  const filter = { minScore: 5 }
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, sendsEmpty: true, filter, minMessages: 2 }),
  )
  for (const reader of [ALICE, BOB, CAROL]) await prefer(program.state, reader, { language: 'en' })
  // Alice has too few messages, and the schedule does not carry Bob’s.
  await hold(program.storage, mail(ALICE), mail(BOB, { score: 1 }))
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 1, items: 0 })
  expect((await program.rows('digest_digest')).map(row => row.reader)).toEqual([CAROL])
  program.time.now = NOW + DAY
  expect(await run(program.deps, { ...request('daily', NOW + DAY), readers: [CAROL] })).toEqual(NOTHING)
  expect(await run(program.deps, { ...request('daily', NOW + DAY), schedule: undefined })).toEqual({
    digests: 2,
    items: 2,
  })
})

test('a reader whose messages are all gone when the run begins is told that nothing was held', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true, sendsEmpty: true }))
  await prefer(program.state, ALICE, { language: 'en' })
  const [gone] = await hold(program.storage, mail(ALICE))
  expect(await rehearse(program.deps, request('daily'))).toEqual({ digests: 1, items: 1 })
  if (gone) await purge(program.storage, gone)
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 1, items: 0 })
})

test('a run that broke off and that two processes continue at once tells each reader once', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true, sendsEmpty: true }))
  const readers = Array.from({ length: 600 }, (_, index) => `reader-${index}@example.com`)
  for (const reader of readers) await prefer(program.state, reader, { language: 'en' })
  await hold(program.storage, mail('reader-0@example.com'), mail('reader-1@example.com'))
  const as = (owner: string, signal?: AbortSignal) =>
    run({ ...program.deps, owner }, { ...request('daily'), signal })
  const stop = new AbortController()
  const onStep = () => stop.abort()
  subscribe(STEP_CHANNEL, onStep)
  expect(await as('stopped', stop.signal)).toEqual({ digests: 2, items: 2 })
  unsubscribe(STEP_CHANNEL, onStep)
  const made = await Promise.all([as('one'), as('other')])
  expect(made.map(({ digests }) => digests).sort()).toEqual([0, 598])
  await expectOneEach(program, readers)
  // A process that does not know yet that it has lost its lease.
  const [row] = await program.rows('digest_run')
  const late = { runId: row?.run_id ?? '', dueAt: NOW + 1, spread: 0 }
  const settings = await settingsOf(program.state, readers.slice(2, 9), program.deps.standard)
  expect(await writeEmptyDigests(program.deps, late, settings, NOW)).toBe(0)
  await expectOneEach(program, readers)
})

test('only mails of a due run are spread, each reader’s at the same place every day', async () => {
  const spread = HOUR
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, spread, sendsEmpty: true }),
    scheduleOf('by hand', { spread }),
  )
  const readers = Array.from({ length: 60 }, (_, index) => `reader-${index}@example.com`)
  await hold(program.storage, ...readers.map(reader => mail(reader)))
  await prefer(program.state, ALICE, { language: 'en' })
  await prefer(program.state, BOB, { schedules: '["by hand"]' })
  const placesAfter = async (fields: Partial<RunRequest>) => {
    const { now } = program.time
    await program.state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
    await run(program.deps, { ...request('daily', now), ...fields })
    const rows = (await program.rows('digest_digest')).filter(row => row.created_at === now)
    return new Map(rows.map(row => [row.reader, row.next_attempt_at - now]))
  }
  const first = await placesAfter({ byClock: true })
  const places = [...first.values()]
  expect(places).toHaveLength(61)
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...places)).toBeLessThan(spread)
  for (const sixth of [0, 1, 2, 3, 4, 5]) {
    const [from, to] = [(sixth * spread) / 6, ((sixth + 1) * spread) / 6]
    expect(places.filter(place => place >= from && place < to).length).toBeGreaterThan(1)
  }
  program.time.now = NOW + DAY
  expect(await placesAfter({ byClock: true })).toEqual(first)
  program.time.now = NOW + 2 * DAY
  expect(new Set((await placesAfter({})).values())).toEqual(new Set([0]))
})

test('whatever the row says, mails are spread over at most two hours, leaving time to send each', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true, spread: DAY }))
  const readers = Array.from({ length: 60 }, (_, index) => `reader-${index}@example.com`)
  const lastPlace = async (giveUp: number) => {
    program.time.now += DAY
    const { now } = program.time
    await hold(program.storage, ...readers.map(reader => mail(reader, { receivedAt: now - HOUR })))
    await run({ ...program.deps, giveUpDigestsAfter: giveUp }, { ...request('daily', now), byClock: true })
    const rows = (await program.rows('digest_digest')).filter(row => row.created_at === now)
    return Math.max(...rows.map(row => row.next_attempt_at - now))
  }
  const most = await lastPlace(DAY)
  expect(most).toBeGreaterThan(HOUR)
  expect(most).toBeLessThan(2 * HOUR)
  const inTime = await lastPlace(HOUR)
  expect(inTime).toBeGreaterThan(HOUR / 4)
  expect(inTime).toBeLessThan(HOUR / 2)
})

test('a run for some time zones serves only the readers in them', async () => {
  const program = await programWith(
    scheduleOf('daily', { isDefault: true, timeZone: 'reader', sendsEmpty: true }),
  )
  await prefer(program.state, BOB, { time_zone: 'Asia/Tokyo' })
  await prefer(program.state, CAROL, { time_zone: 'Nowhere/Land' })
  await prefer(program.state, '@example.org', { time_zone: 'Asia/Tokyo' })
  await hold(program.storage, mail(ALICE), mail(BOB), mail('dora@example.org'))
  const timeZones = ['Asia/Tokyo', 'Asia/Seoul']
  expect(await run(program.deps, { ...request('daily'), timeZones })).toEqual({ digests: 2, items: 2 })
  program.time.now = NOW + HOUR
  // Carol's time zone is invalid, so the standard one applies.
  const later = { ...request('daily', NOW + HOUR), timeZones: ['UTC'] }
  expect(await run(program.deps, later)).toEqual({ digests: 2, items: 1 })
  const [, ...digests] = (await program.rows('digest_digest')).map(row => [row.reader, row.time_zone]).sort()
  expect(digests).toEqual([
    [BOB, 'Asia/Tokyo'],
    [CAROL, 'UTC'],
    ['dora@example.org', 'Asia/Tokyo'],
  ])
})

test('readers of a removed schedule fall back to the default one', async () => {
  const program = await programWith(scheduleOf('daily', { isDefault: true }), scheduleOf('noon'))
  await prefer(program.state, ALICE, { schedules: '["noon"]' })
  await hold(program.storage, mail(ALICE))
  expect(await makeRuns(program, 'daily')).toEqual(NOTHING)
  await program.state.sql.deleteFrom('digest_schedule').where('name', '=', 'noon').execute()
  expect(await makeRuns(program, 'noon')).toEqual(NOTHING)
  expect(await makeRuns(program, 'daily')).toEqual({ digests: 1, items: 1 })
})

const NOTHING = { digests: 0, items: 0 }

const request = (schedule: string, dueAt = NOW): RunRequest => ({ schedule, readers: undefined, dueAt })

async function programWith(...schedules: readonly Schedule[]): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await setSchedules(program.state, ...schedules)
  return program
}

/** Makes these runs now, one after the other, and compares each with its rehearsal. @returns what the last run made */
async function makeRuns(program: EmbeddedProgram, ...schedules: readonly string[]) {
  let last: unknown
  for (const schedule of schedules) {
    // Only one run can be due at one time.
    program.time.now += 1
    const due = request(schedule, program.time.now)
    const rehearsed = await rehearse(program.deps, due)
    last = await run(program.deps, due)
    expect(last).toEqual(rehearsed)
  }
  return last as { digests: number; items: number }
}

async function waitingMail(program: EmbeddedProgram): Promise<string[]> {
  const items = await program.rows('digest_item')
  return items
    .filter(item => item.digest_id === null)
    .map(item => item.mail_id)
    .sort()
}

async function listedMail(program: EmbeddedProgram): Promise<string[]> {
  const items = await program.rows('digest_item')
  return items
    .filter(item => item.digest_id !== null)
    .map(item => item.mail_id)
    .sort()
}

async function expectOneEach(program: EmbeddedProgram, readers: readonly string[]): Promise<void> {
  const digests = await program.rows('digest_digest')
  expect(digests.map(row => row.reader).sort()).toEqual(readers.toSorted())
}

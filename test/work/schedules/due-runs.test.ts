import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { removeSchedule, setSchedule } from '../../../src/desks/admin/schedules/change-schedules.ts'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { STEP_CHANNEL } from '../../../src/ground/steps.ts'
import type { ScheduleChange } from '../../../src/rules/schedule/schedule-change.ts'
import { type RunResult, run } from '../../../src/work/digest/make/run.ts'
import { claimRun } from '../../../src/work/digest/make/runs.ts'
import { createScheduleCheck } from '../../../src/work/schedules/check-schedules.ts'
import { seedSchedules } from '../../../src/work/schedules/schedules.ts'
import { NOW } from '../../embedded/clock.ts'
import { ROOT } from '../../embedded/editors.ts'
import { hold } from '../../embedded/held-mail.ts'
import { prefer } from '../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

const GRACE = 12 * HOUR
/** On the same day as NOW, which is at 05:00. */
const SIX = NOW + HOUR
const DAILY = { name: 'daily', cron: ['0 6 * * *'], timezone: 'UTC', default: true }
const HOURLY = { name: 'hourly', cron: ['0 * * * *'], timezone: 'UTC', default: false }

test('a schedule is due once, from its time on; a new one makes nothing up', async () => {
  const program = await programWith([DAILY])
  expect(await makeDueRuns(program, NOW, SIX - 1)).toEqual([])
  expect(await makeDueRuns(program, SIX + 4000)).toEqual([`daily ${iso(SIX)}`])
  expect(await makeDueRuns(program, SIX + 9000, SIX + DAY - 1)).toEqual([])
  expect(await makeDueRuns(program, SIX + DAY)).toEqual([`daily ${iso(SIX + DAY)}`])
})

test('after three days away each schedule has one run, which carries everything', async () => {
  const program = await programWith([DAILY, HOURLY])
  await prefer(program.state, 'hal@example.com', { schedules: '["hourly"]' })
  expect(await makeDueRuns(program, SIX)).toHaveLength(2)
  const mails = [1, 2, 3].map(day => SIX + day * DAY - HOUR)
  const readers = ['alice@example.com', 'hal@example.com']
  await hold(
    program.storage,
    ...readers.flatMap(recipient => mails.map(receivedAt => ({ recipient, receivedAt }))),
  )
  const back = SIX + 3 * DAY + 20 * MINUTE
  expect(await makeDueRuns(program, back, back + 5000)).toEqual([
    `daily ${iso(SIX + 3 * DAY)}`,
    `hourly ${iso(SIX + 3 * DAY)}`,
  ])
  const digests = await program.rows('digest_digest')
  expect(digests.map(digest => [digest.reader, digest.item_count])).toEqual([
    ['alice@example.com', 3],
    ['hal@example.com', 3],
  ])
})

test('a run missed for longer than the grace is not made up; the next run carries its mail', async () => {
  const program = await programWith([DAILY])
  await makeDueRuns(program, SIX)
  await hold(program.storage, { recipient: 'alice@example.com', receivedAt: SIX + HOUR })
  expect(await makeDueRuns(program, SIX + DAY + GRACE + 1)).toEqual([])
  expect(await program.rows('digest_digest')).toEqual([])
  expect(await makeDueRuns(program, SIX + 2 * DAY)).toEqual([`daily ${iso(SIX + 2 * DAY)}`])
  expect(await program.rows('digest_digest')).toHaveLength(1)
})

test('a missed run is made up until the grace has passed, not a millisecond longer', async () => {
  const program = await programWith([DAILY])
  expect(await due(program, SIX + GRACE)).toEqual([`daily ${iso(SIX)}`])
  expect(await due(program, SIX + GRACE + 1)).toEqual([])
})

test('a schedule that was changed since its time, or is off, is not due', async () => {
  const program = await programWith([DAILY])
  await change(program, { updated_at: SIX })
  expect(await due(program, SIX + 1)).toEqual([])
  await change(program, { updated_at: SIX - 1 })
  expect(await due(program, SIX + 2)).toEqual([`daily ${iso(SIX)}`])
  await change(program, { enabled: 0 })
  expect(await due(program, SIX + 2)).toEqual([])
})

test('a change before any process has noticed a due run loses no run, and makes none twice', async () => {
  const program = await programWith([DAILY])
  await edit(program, SIX + 3000, { crons: ['0 6 * * *', '0 15 * * *'] })
  expect(await makeDueRuns(program, SIX + 5000)).toEqual([`daily ${iso(SIX)}`])
  await edit(program, SIX + 6000, { crons: ['0 6,18 * * *'] })
  expect(await makeDueRuns(program, SIX + 10_000)).toEqual([])
  await edit(program, SIX + MINUTE - 1, { crons: ['1 6 * * *'] })
  expect(await makeDueRuns(program, SIX + MINUTE)).toEqual([`daily ${iso(SIX + MINUTE)}`])
})

test('a schedule that is made or switched on just after its time is due at its next time', async () => {
  const program = await programWith([{ ...DAILY, cron: ['0 9 * * *'] }])
  await edit(program, SIX - MINUTE, { crons: ['0 6 * * *'], enabled: false })
  program.time.now = SIX + 1000
  await setSchedule(program.deps, ROOT, 'fresh', { crons: ['0 6 * * *'] })
  await edit(program, SIX + 1000, { enabled: true })
  expect(await due(program, SIX + 4000)).toEqual([])
  expect(await due(program, SIX + DAY)).toHaveLength(2)
})

test('an edit loses no run that is due, and makes none twice', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 3)
  await edit(program, SIX + 3 * MINUTE, { crons: ['0 6 * * *', '0 15 * * *'] })
  expect(await makeDueRuns(program, SIX + 4 * MINUTE)).toEqual([`daily ${iso(SIX)}`])
  await expectOneDigestEach(program, 3)
  await edit(program, SIX + 5 * MINUTE, { crons: ['0 9 * * *'] })
  await edit(program, SIX + 6 * MINUTE, { timeZone: 'Europe/Paris' })
  expect(await makeDueRuns(program, SIX + 7 * MINUTE)).toEqual([])
  expect(await program.rows('digest_run')).toHaveLength(1)
})

test('a run due by the old times is made within the grace, unless a later run takes its mail', async () => {
  const program = await programWith([DAILY])
  await edit(program, SIX + MINUTE, { crons: ['0 9 * * *'] })
  expect(await due(program, SIX + GRACE)).toEqual([`daily ${iso(SIX + 3 * HOUR)}`])
  expect(await due(program, SIX + 3 * HOUR - 1)).toEqual([`daily ${iso(SIX)}`])
  expect(await makeDueRuns(program, SIX + 3 * HOUR, SIX + 4 * HOUR)).toEqual([`daily ${iso(SIX + 3 * HOUR)}`])
  const rows = await program.rows('digest_run')
  expect(rows.map(row => row.finished_at)).toEqual([SIX, SIX + 3 * HOUR])
  await edit(program, SIX + DAY + 4 * HOUR, { crons: ['0 8 * * 1'] })
  expect(await due(program, SIX + DAY + 3 * HOUR + GRACE)).toEqual([`daily ${iso(SIX + DAY + 3 * HOUR)}`])
  expect(await due(program, SIX + DAY + 3 * HOUR + GRACE + 1)).toEqual([])
})

test('a schedule that was off for a while makes the run due before that, not those during it', async () => {
  const program = await programWith([DAILY])
  await edit(program, SIX + MINUTE, { enabled: false })
  expect(await due(program, SIX + 2 * MINUTE)).toEqual([])
  await edit(program, SIX + 3 * MINUTE, { crons: ['4 6 * * *'] })
  await edit(program, SIX + 5 * MINUTE, { enabled: true })
  expect(await makeDueRuns(program, SIX + 6 * MINUTE, SIX + 7 * MINUTE)).toEqual([`daily ${iso(SIX)}`])
})

test('a dead process’s run is continued once, even after an edit of the schedule', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 10)
  const until = SIX + program.deps.lease
  await claimRun(program.state, { schedule: 'daily', dueAt: SIX }, { owner: 'dead', until }, SIX)
  await edit(program, SIX + 11_000, { crons: ['0 9 * * *'] })
  expect(await due(program, until - 1)).toEqual([])
  expect(await makeDueRuns(program, until, until + MINUTE)).toEqual([`daily ${iso(SIX)}`])
  await expectOneDigestEach(program, 10)
})

test('a new schedule does not make up runs of a removed one with the same name', async () => {
  const program = await programWith([DAILY])
  const other = { crons: ['0 9 * * *'], isDefault: true } as const
  await setSchedule(program.deps, ROOT, 'other', other)
  await edit(program, SIX + MINUTE, { crons: ['0 10 * * *'] })
  await removeSchedule(program.deps, ROOT, 'daily', { evenIfUsed: true })
  await edit(program, SIX + 2 * MINUTE, { crons: ['0 6 * * *'] })
  expect(await due(program, SIX + 3 * MINUTE)).toEqual([])
})

test('a schedule that is switched off or removed while its run is made stops after the batch', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 1200)
  program.time.now = SIX
  const request = { ...requestAt(SIX), byClock: true }
  using other = new DatabaseSync(fileURLToPath(program.url.replace('sqlite:', 'file:')))
  const onStep = () => other.exec(`update digest_schedule set enabled = 0, updated_at = ${SIX + 1}`)
  subscribe(STEP_CHANNEL, onStep)
  expect(await run(program.deps, request)).toEqual({ digests: 1000, items: 1000, off: true })
  unsubscribe(STEP_CHANNEL, onStep)
  expect(await run(program.deps, request)).toEqual({ digests: 0, items: 0, off: true })
  other.exec(`update digest_schedule set name = 'gone', enabled = 1`)
  expect(await run(program.deps, request)).toEqual({ digests: 0, items: 0, off: true })
  other.exec(`update digest_schedule set name = 'daily', updated_at = ${SIX + MINUTE}`)
  expect(await due(program, SIX + MINUTE + 1)).toEqual([`daily ${iso(SIX)}`])
  expect(await run(program.deps, request)).toEqual({ digests: 200, items: 200 })
  await expectOneDigestEach(program, 1200)
})

test('a schedule that a wrong clock has dated ahead runs at its times, and makes nothing up', async () => {
  const program = await programWith([DAILY])
  await change(program, { updated_at: SIX + 300 * DAY })
  expect(await due(program, SIX + HOUR)).toEqual([])
  expect(await due(program, SIX + 5000)).toEqual([`daily ${iso(SIX)}`])
})

test('a change written directly into the table takes effect at the next check', async () => {
  const program = await programWith([DAILY])
  expect(await due(program, SIX - HOUR / 2)).toEqual([])
  await change(program, { crons: '30 5 * * *' })
  expect(await due(program, SIX - HOUR / 2)).toEqual([`daily ${iso(SIX - HOUR / 2)}`])
})

test('no run is made again when the clock is put back', async () => {
  const program = await programWith([DAILY, HOURLY])
  const hours = [SIX, SIX + HOUR, SIX + 2 * HOUR]
  expect(await makeDueRuns(program, ...hours)).toHaveLength(4)
  expect(await makeDueRuns(program, SIX + 50 * MINUTE, SIX + HOUR, SIX + 2 * HOUR)).toEqual([])
  expect(await makeDueRuns(program, SIX + 3 * HOUR)).toEqual([`hourly ${iso(SIX + 3 * HOUR)}`])
})

test('after the clock was days ahead by mistake, runs are made as if it had not been', async () => {
  const program = await programWith([DAILY])
  await makeDueRuns(program, SIX)
  await hold(program.storage, { recipient: 'alice@example.com', receivedAt: SIX })
  const ahead = SIX + 5 * DAY
  expect(await makeDueRuns(program, ahead)).toEqual([`daily ${iso(ahead)}`])
  const [digest] = await program.rows('digest_digest')
  expect(await makeDueRuns(program, SIX + DAY)).toEqual([`daily ${iso(SIX + DAY)}`])
  expect(await makeDueRuns(program, ahead)).toEqual([`daily ${iso(ahead)}`])
  // The run made by mistake is kept, because its digest refers to it.
  const mistaken = (await program.rows('digest_run')).find(row => row.run_id === digest?.run_id)
  expect(mistaken).toMatchObject({ schedule: null, due_at: ahead })
})

test('after the clock was a day ahead by mistake, only the run that was made ahead is not made again', async () => {
  const program = await programWith([DAILY])
  expect(await makeDueRuns(program, SIX + DAY)).toEqual([`daily ${iso(SIX + DAY)}`])
  expect(await makeDueRuns(program, SIX + 5000)).toEqual([`daily ${iso(SIX)}`])
  expect(await makeDueRuns(program, SIX + DAY)).toEqual([])
  expect(await makeDueRuns(program, SIX + 2 * DAY)).toEqual([`daily ${iso(SIX + 2 * DAY)}`])
})

test('of two processes that check at the same time, one makes the run', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 40)
  program.time.now = SIX
  const looks = await Promise.all(
    ['one', 'other'].map(async owner => ({ owner, due: await scheduleCheck(program)() })),
  )
  expect(looks.map(({ due }) => due.length)).toEqual([1, 1])
  const results = await Promise.all(looks.map(({ owner }) => runAs(program, owner)))
  expect(results.map(({ elsewhere = false }) => elsewhere).sort()).toEqual([false, true])
  expect(results.map(({ digests }) => digests).sort()).toEqual([0, 40])
  expect(await program.rows('digest_run')).toHaveLength(1)
})

test('a run that was stopped in the middle is due again at once, and continues there', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 1200)
  program.time.now = SIX
  const stop = new AbortController()
  afterFirstBatch(() => stop.abort())
  expect(await runAs(program, 'first', stop.signal)).toEqual({ digests: 1000, items: 1000 })
  expect(await due(program, SIX + 1)).toEqual([`daily ${iso(SIX)}`])
  expect(await runAs(program, 'second')).toEqual({ digests: 200, items: 200 })
  expect(await due(program, SIX + 1)).toEqual([])
  await expectOneDigestEach(program, 1200)
})

test('a dead process’s run is due when its lease has run out, and continues where it was', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 10)
  program.time.now = SIX
  // What a dead process leaves: its claim, and a part of the digests.
  const until = SIX + program.deps.lease
  await claimRun(program.state, { schedule: 'daily', dueAt: SIX }, { owner: 'dead', until }, SIX)
  await run(program.deps, { schedule: undefined, readers: ['reader-3@example.com'], dueAt: SIX })
  expect(await due(program, until - 1)).toEqual([])
  expect(await runAs(program, 'too early')).toEqual({ digests: 0, items: 0, elsewhere: true })
  expect(await due(program, until)).toEqual([`daily ${iso(SIX)}`])
  expect(await runAs(program, 'alive')).toEqual({ digests: 9, items: 9 })
  await expectOneDigestEach(program, 10)
})

test('a process that has lost its run to another one stops', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 1200)
  program.time.now = SIX
  const { lease } = program.deps
  using other = new DatabaseSync(fileURLToPath(program.url.replace('sqlite:', 'file:')))
  afterFirstBatch(() => {
    program.time.now += lease
    other.exec(`update digest_run set lease_owner = 'quick', lease_until = ${SIX + 2 * lease}`)
  })
  expect(await runAs(program, 'slow')).toEqual({ digests: 1000, items: 1000, elsewhere: true })
  expect(await program.rows('digest_run')).toMatchObject([{ lease_owner: 'quick', finished_at: null }])
})

test('a long run keeps its lease', async () => {
  const program = await programWith([DAILY])
  await holdFor(program, 2200)
  program.time.now = SIX
  const { lease } = program.deps
  using other = new DatabaseSync(fileURLToPath(program.url.replace('sqlite:', 'file:')))
  const until: unknown[] = []
  afterEachBatch(() => {
    until.push(other.prepare('select lease_until from digest_run').get()?.lease_until)
    program.time.now += lease / 2
  })
  expect(await runAs(program, 'slow')).toEqual({ digests: 2200, items: 2200 })
  expect(until).toEqual([SIX + lease, SIX + 1.5 * lease, SIX + 2 * lease])
})

test('a run that breaks off is due again at the next check, and a later run ends it', async () => {
  const program = await programWith([HOURLY])
  program.time.now = SIX
  const broken = { ...program.deps, schedules: () => Promise.reject(new Error('away')) }
  await expect(run(broken, { ...requestAt(SIX), schedule: 'hourly' })).rejects.toThrow('away')
  expect(await due(program, SIX + 5000)).toEqual([`hourly ${iso(SIX)}`])
  expect(await makeDueRuns(program, SIX + HOUR)).toEqual([`hourly ${iso(SIX + HOUR)}`])
  const rows = await program.rows('digest_run')
  // It was never made, so it is recorded as finished when it began.
  expect(rows.map(row => row.finished_at)).toEqual([SIX, SIX + HOUR])
})

test('a schedule that cannot be read is logged once, until it changes, and holds up no other', async () => {
  const program = await programWith([DAILY, HOURLY])
  const { log, lines } = readableLog()
  const check = scheduleCheck(program, log)
  program.time.now = SIX
  await change(program, { crons: '["0 6 * * wednesnoon"]' })
  expect((await check()).map(run => run.schedule)).toEqual(['hourly'])
  await check()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"schedule":"daily"')
  await change(program, { crons: '["0 6 * * *"]', time_zone: 'Moon/Base' })
  expect((await check()).map(run => run.schedule)).toEqual(['hourly'])
  expect(lines).toHaveLength(2)
  await change(program, { time_zone: 'UTC' })
  expect((await check()).map(run => run.schedule)).toEqual(['daily', 'hourly'])
  await change(program, { time_zone: 'Moon/Base' })
  await check()
  expect(lines).toHaveLength(3)
})

test('a run that is too late to be made up is logged once', async () => {
  const program = await programWith([DAILY])
  const { log, lines } = readableLog()
  const check = scheduleCheck(program, log)
  program.time.now = SIX + GRACE + 1
  expect(await check()).toEqual([])
  await check()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('the next one carries its mail')
})

async function programWith(seeds: Parameters<typeof seedSchedules>[1]): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await seedSchedules(program.state, seeds, NOW)
  return program
}

/** Changes the daily schedule as admins do. */
async function edit(program: EmbeddedProgram, now: number, change: ScheduleChange): Promise<void> {
  program.time.now = now
  await setSchedule(program.deps, ROOT, 'daily', change)
}

const scheduleCheck = (program: EmbeddedProgram, log = program.deps.log) =>
  createScheduleCheck({ ...program.deps, grace: GRACE, log })

/** The runs that are due at this time. */
async function due(program: EmbeddedProgram, now: number): Promise<string[]> {
  program.time.now = now
  return (await scheduleCheck(program)()).map(run => `${run.schedule} ${iso(run.dueAt)}`)
}

/** Checks the schedules at each of these times, as the service does, and makes the runs that are due. */
async function makeDueRuns(program: EmbeddedProgram, ...times: readonly number[]): Promise<string[]> {
  const runs: string[] = []
  for (const now of times) {
    program.time.now = now
    for (const { schedule, dueAt } of await scheduleCheck(program)()) {
      const { elsewhere } = await run(program.deps, { schedule, readers: undefined, dueAt })
      if (!elsewhere) runs.push(`${schedule} ${iso(dueAt)}`)
    }
  }
  return runs
}

const requestAt = (dueAt: number, signal?: AbortSignal) => ({
  schedule: 'daily',
  readers: undefined,
  dueAt,
  signal,
})

/** The daily run, made by one of several processes. */
const runAs = (program: EmbeddedProgram, owner: string, signal?: AbortSignal): Promise<RunResult> =>
  run({ ...program.deps, owner }, requestAt(SIX, signal))

async function holdFor(program: EmbeddedProgram, readers: number): Promise<void> {
  const recipients = Array.from({ length: readers }, (_, index) => `reader-${index}@example.com`)
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW })))
}

/** Calls `action` whenever a batch of a run is written. */
function afterEachBatch(action: () => void): void {
  subscribe(STEP_CHANNEL, action)
  onTestFinished(() => void unsubscribe(STEP_CHANNEL, action))
}

function afterFirstBatch(action: () => void): void {
  let isFirst = true
  afterEachBatch(() => {
    if (isFirst) action()
    isFirst = false
  })
}

async function expectOneDigestEach(program: EmbeddedProgram, readers: number): Promise<void> {
  const digests = await program.rows('digest_digest')
  expect(new Set(digests.map(digest => digest.reader)).size).toBe(readers)
  expect(digests).toHaveLength(readers)
}

async function change(
  program: EmbeddedProgram,
  row: { crons?: string; time_zone?: string; enabled?: number; updated_at?: number },
): Promise<void> {
  await program.state.sql.updateTable('digest_schedule').set(row).where('name', '=', 'daily').execute()
}

const iso = (time: number): string => new Date(time).toISOString()

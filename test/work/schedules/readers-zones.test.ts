import { expect, test } from 'vitest'
import { setSchedule } from '../../../src/desks/admin/schedules/change-schedules.ts'
import { nextRuns, readNextRuns } from '../../../src/desks/admin/schedules/next-runs.ts'
import { setSettings } from '../../../src/desks/admin/settings/change-settings.ts'
import { importSettings } from '../../../src/desks/admin/settings/import-settings.ts'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import type { DueRun } from '../../../src/rules/schedule/missed-runs.ts'
import type { SettingsChange } from '../../../src/rules/settings/setting-faults.ts'
import { NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { claimRun } from '../../../src/work/digest/make/runs.ts'
import { createScheduleCheck } from '../../../src/work/schedules/check-schedules.ts'
import { NOW } from '../../embedded/clock.ts'
import { ROOT } from '../../embedded/editors.ts'
import { hold } from '../../embedded/held-mail.ts'
import { prefer } from '../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../embedded/schedules.ts'
import { readableLog } from '../../log-lines.ts'

const GRACE = 12 * HOUR
/** A day long after the settings were made. */
const MIDNIGHT = Date.UTC(2026, 5, 10)
const SIX = MIDNIGHT + 6 * HOUR
const OWN = scheduleOf('own', { timeZone: 'reader', isDefault: true })

test('the readers of each zone have their run at six there; zones with the same time share a run', async () => {
  const program = await inZones('Europe/Paris', 'Europe/Berlin', 'Asia/Tokyo', 'America/New_York')
  expect(await makeRunsOfADay(program)).toEqual([
    '2026-06-09T21:00Z Asia/Tokyo',
    '2026-06-10T04:00Z Europe/Berlin,Europe/Paris',
    '2026-06-10T06:00Z UTC',
    '2026-06-10T10:00Z America/New_York',
    '2026-06-10T21:00Z Asia/Tokyo',
  ])
  expect(await makeDueRuns(program, MIDNIGHT + DAY)).toEqual([])
})

test('each reader gets the digest by the reader’s own clock, and none twice after a change of zone', async () => {
  const program = await inZones('Europe/Paris', 'Asia/Tokyo')
  const readers = ['utc@example.com', 'europe-paris@example.com', 'asia-tokyo@example.com']
  program.time.now = MIDNIGHT - 9 * HOUR
  await hold(program.storage, ...readers.map(recipient => ({ recipient, receivedAt: MIDNIGHT - 10 * HOUR })))
  const readersAt = async (now: number) => {
    const before = (await program.rows('digest_digest')).length
    await makeDueRuns(program, now)
    return (await program.rows('digest_digest')).slice(before).map(digest => digest.reader)
  }
  expect(await readersAt(MIDNIGHT - 3 * HOUR)).toEqual(['asia-tokyo@example.com'])
  expect(await readersAt(MIDNIGHT + 4 * HOUR)).toEqual(['europe-paris@example.com'])
  await setZone(program, 'europe-paris@example.com', 'UTC', MIDNIGHT + 5 * HOUR)
  expect(await readersAt(SIX)).toEqual(['utc@example.com'])
})

test('an abbreviation that was stored before keeps its meaning, makes its runs and is logged once', async () => {
  const program = await inZones('Asia/Tokyo')
  await setZone(program, 'asia-tokyo@example.com', 'BST', MIDNIGHT - DAY)
  await program.state.sql.updateTable('digest_schedule').set({ time_zone: 'IST' }).execute()
  const { log, lines } = readableLog()
  const check = scheduleCheck(program, log)
  program.time.now = MIDNIGHT + 30 * MINUTE
  const [due] = await check()
  expect(due && textOf(due)).toMatch(/^2026-06-10T00:30Z/)
  await check()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('IST')

  await setSchedules(program.state, OWN)
  program.time.now = MIDNIGHT + HOUR
  expect((await check()).map(textOf)).toContain('2026-06-10T00:00Z BST')
  expect(lines.at(-1)).toContain('BST')
})

test('after hours away each zone’s run within the grace is made up; older ones are logged', async () => {
  const program = await inZones('Europe/Paris', 'Asia/Tokyo', 'America/New_York')
  await makeRunsOfADay(program)
  const { log, lines } = readableLog()
  // The runs of 21:00, 04:00 and 06:00 were missed, and the one of 10:00 the day before.
  const now = MIDNIGHT + 2 * DAY + 9 * HOUR
  program.time.now = now
  expect((await scheduleCheck(program, log)()).map(textOf)).toEqual([
    '2026-06-11T21:00Z Asia/Tokyo',
    '2026-06-12T04:00Z Europe/Paris',
    '2026-06-12T06:00Z UTC',
  ])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('America/New_York')
})

test('a run that broke off is continued even if another zone’s run has been made since', async () => {
  const program = await inZones('Europe/Paris', 'Asia/Tokyo')
  await makeRunsOfADay(program)
  const dueAt = MIDNIGHT + DAY + 21 * HOUR
  const tokyo = { schedule: 'own', dueAt, timeZones: ['Asia/Tokyo'] }
  await claimRun(program.state, tokyo, { owner: 'dead', until: dueAt + 30_000 }, dueAt)
  // Its lease has not run out, so its process may be alive.
  expect(await makeDueRuns(program, dueAt + 29_000)).toEqual([])
  program.time.now = dueAt + 7 * HOUR
  const paris = { schedule: 'own', dueAt: program.time.now, timeZones: ['Europe/Paris'] }
  expect(await run(program.deps, { ...paris, readers: undefined })).toEqual({ digests: 0, items: 0 })
  expect(await makeDueRuns(program, paris.dueAt + 5000)).toEqual(['2026-06-11T21:00Z Asia/Tokyo'])
  expect((await program.rows('digest_run')).every(row => row.finished_at !== null)).toBe(true)
})

test('an unfinished run is ended after a day', async () => {
  const program = await inZones('Asia/Tokyo')
  const lease = { owner: 'dead', until: SIX }
  await claimRun(program.state, { schedule: 'own', dueAt: SIX, timeZones: ['UTC'] }, lease, SIX)
  const claimAt = (dueAt: number) =>
    claimRun(program.state, { schedule: 'own', dueAt, timeZones: ['Asia/Tokyo'] }, lease, dueAt)
  const finished = async () => (await program.rows('digest_run')).find(row => row.due_at === SIX)?.finished_at
  await claimAt(SIX + 26 * HOUR)
  expect(await finished()).toBeNull()
  await claimAt(SIX + 26 * HOUR + 1)
  expect(await finished()).toBe(SIX)
})

test('no run is made up for a zone that no reader had before', async () => {
  const program = await inZones('Europe/Paris')
  await makeRunsOfADay(program)
  const now = SIX + DAY
  await makeDueRuns(program, now)
  await prefer(program.state, 'new@example.com', { time_zone: 'Asia/Tokyo', updated_at: now - HOUR })
  expect(await makeDueRuns(program, now + HOUR)).toEqual([])
  expect(await makeDueRuns(program, MIDNIGHT + DAY + 21 * HOUR)).toEqual(['2026-06-11T21:00Z Asia/Tokyo'])
})

test('a zone’s run stays due after a change of another setting; a change of the zone makes nothing up', async () => {
  const program = await inZones('Asia/Tokyo')
  await makeRunsOfADay(program)
  const set = (now: number, change: SettingsChange) => {
    program.time.now = now
    return setSettings(program.deps, ROOT, 'asia-tokyo@example.com', change)
  }
  const tokyo = MIDNIGHT + DAY + 21 * HOUR
  await set(tokyo + MINUTE, { language: 'de' })
  await set(tokyo + 2 * MINUTE, { pausedUntil: NOT_PAUSED })
  await importSettings(program.deps, ROOT, file('asia-tokyo@example.com,Asia/Tokyo,fr'), IMPORT)
  expect(await makeDueRuns(program, tokyo + 3 * MINUTE)).toEqual(['2026-06-11T21:00Z Asia/Tokyo'])
  const paris = MIDNIGHT + 2 * DAY + 4 * HOUR
  await set(paris + MINUTE, { timeZone: 'Europe/Paris' })
  expect(await makeDueRuns(program, paris + 2 * MINUTE)).toEqual([])
  await set(paris + DAY - HOUR, { timeZone: 'Asia/Tokyo' })
  program.time.now = paris + DAY + MINUTE
  await importSettings(program.deps, ROOT, file('asia-tokyo@example.com,Europe/Paris,fr'), IMPORT)
  expect(await makeDueRuns(program, paris + DAY + 2 * MINUTE)).toEqual([])
})

test('an edit loses no zone’s run, and makes none twice', async () => {
  const program = await inZones('Europe/Paris', 'Europe/Berlin', 'Asia/Tokyo')
  await makeRunsOfADay(program)
  const tokyo = MIDNIGHT + DAY + 21 * HOUR
  const paris = MIDNIGHT + 2 * DAY + 4 * HOUR
  await makeDueRuns(program, tokyo)
  program.time.now = paris + MINUTE
  await setSchedule(program.deps, ROOT, 'own', { crons: ['30 6 * * *'] })
  program.time.now += MINUTE
  await setSchedule(program.deps, ROOT, 'own', { crons: ['30 6 * * *', '0 15 * * 1'] })
  const later = [2, 3, 29, 30, 31].map(minutes => paris + minutes * MINUTE)
  expect(await makeDueRuns(program, ...later)).toEqual([
    '2026-06-12T04:00Z Europe/Berlin,Europe/Paris',
    '2026-06-12T04:30Z Europe/Berlin,Europe/Paris',
  ])
})

test('a later run takes the mail of its own zones from a run that is still owed', async () => {
  const program = await inZones('Europe/Paris', 'Europe/Athens')
  await makeRunsOfADay(program)
  const athens = MIDNIGHT + DAY + 3 * HOUR
  program.time.now = athens + MINUTE
  await setSchedule(program.deps, ROOT, 'own', { crons: ['30 6 * * *'] })
  const now = athens + 45 * MINUTE
  expect(await makeDueRuns(program, now, now + MINUTE)).toEqual(['2026-06-11T03:30Z Europe/Athens'])
  program.time.now = athens + HOUR + 31 * MINUTE
  await setSchedule(program.deps, ROOT, 'own', { timeZone: 'UTC', crons: ['0 12 * * *'] })
  expect(await makeDueRuns(program, program.time.now + MINUTE)).toEqual(['2026-06-11T04:30Z Europe/Paris'])
})

test('a time zone that cannot be read is logged once, and holds up nobody', async () => {
  const program = await inZones('Nowhere/Land', 'Asia/Tokyo')
  const { log, lines } = readableLog()
  const check = scheduleCheck(program, log)
  program.time.now = SIX
  expect((await check()).map(textOf)).toContain('2026-06-10T06:00Z UTC')
  await check()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('Nowhere/Land')
})

test('an expression that cannot be read is logged once for all zones', async () => {
  const program = await inZones('Asia/Tokyo', 'Europe/Paris')
  await setSchedules(program.state, { ...OWN, crons: ['at six'] })
  const { log, lines } = readableLog()
  expect(await scheduleCheck(program, log)()).toEqual([])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"schedule":"own"')
})

test('a schedule with a time zone of its own does not read those of the readers', async () => {
  const program = await inZones('Asia/Tokyo')
  await setSchedules(program.state, { ...OWN, timeZone: 'UTC' })
  program.statements.length = 0
  expect(await scheduleCheck(program)()).toEqual([])
  expect(program.statements.filter(text => text.includes('digest_preference'))).toEqual([])
})

test('the next run is the first of all zones', async () => {
  const program = await inZones('Asia/Tokyo', 'Europe/Paris')
  expect(await readNextRuns(program.state, 'UTC', SIX)).toEqual({ own: '2026-06-10T21:00:00.000Z' })
  expect(await nextRuns([OWN, { ...OWN, name: 'off', enabled: false }], ['UTC'], SIX - 1)).toEqual({
    own: '2026-06-10T06:00:00.000Z',
  })
  expect(await nextRuns([{ ...OWN, crons: ['at six'] }], ['UTC'], SIX)).toEqual({})
})

const IMPORT = { skipBad: false, dryRun: false }

async function* file(line: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`scope,timezone,language\n${line}\n`)
}

/** A program with a reader in each of these zones and a schedule that follows them. */
async function inZones(...timeZones: readonly string[]): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await setSchedules(program.state, OWN)
  for (const timeZone of timeZones) {
    const reader = `${timeZone.toLowerCase().replace('/', '-')}@example.com`
    await prefer(program.state, reader, { time_zone: timeZone, updated_at: NOW })
  }
  return program
}

const setZone = (program: EmbeddedProgram, scope: string, timeZone: string, now: number) =>
  program.state.sql
    .updateTable('digest_preference')
    .set({ time_zone: timeZone, updated_at: now })
    .where('scope', '=', scope)
    .execute()

const scheduleCheck = (program: EmbeddedProgram, log = program.deps.log) =>
  createScheduleCheck({ ...program.deps, grace: GRACE, log })

/** Checks the schedules at each of these times, as the service does, and makes the runs that are due. */
async function makeDueRuns(program: EmbeddedProgram, ...times: readonly number[]): Promise<string[]> {
  const runs: string[] = []
  for (const now of times) {
    program.time.now = now
    for (const due of await scheduleCheck(program)()) {
      const { elsewhere } = await run(program.deps, { ...due, readers: undefined, byClock: true })
      if (!elsewhere) runs.push(textOf(due))
    }
  }
  return runs
}

/** Makes the runs from midnight to midnight, checking every hour. */
const makeRunsOfADay = (program: EmbeddedProgram): Promise<string[]> =>
  makeDueRuns(program, ...Array.from({ length: 24 }, (_, hour) => MIDNIGHT + hour * HOUR))

const textOf = ({ dueAt, timeZones = [] }: DueRun): string =>
  `${new Date(dueAt).toISOString().replace(':00.000Z', 'Z')} ${timeZones.toSorted().join(',')}`

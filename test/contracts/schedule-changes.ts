import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removeSchedule, setSchedule } from '../../src/desks/admin/schedules/change-schedules.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import type { ScheduleChange } from '../../src/rules/schedule/schedule-change.ts'
import { listSchedules, seedSchedules } from '../../src/work/schedules/schedules.ts'
import { manualClock, NOW } from '../embedded/clock.ts'
import { prefer } from '../embedded/preferences.ts'
import { STANDARD_POLICIES } from '../standard-policies.ts'
import { migratedOnce } from './migrated-once.ts'
import type { StateDatabaseMaker } from './state-database.ts'

/** What changes of schedules promise on every database, even when many are made at once. */
export function scheduleChangesContract(maker: StateDatabaseMaker): void {
  describe(`schedules in ${maker.name}`, () => {
    const time = manualClock()
    const opened = migratedOnce(maker.open)
    let database: Awaited<ReturnType<typeof opened>>
    const deps = () => ({
      state: database.state,
      policies: STANDARD_POLICIES,
      retention: retentionOf(30 * DAY),
      standard: { timeZone: 'UTC' },
      clock: time.clock,
    })
    const set = (who: string, name: string, change: ScheduleChange, expected?: number) => {
      const actor = { kind: 'admin', name: who, remoteAddress: null } as const
      return setSchedule(deps(), { actor, reach: undefined }, name, change, { expected })
    }
    const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

    beforeEach(async () => {
      time.now = NOW
      database = await opened()
      const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
      await seedSchedules(database.state, [daily], NOW)
    })
    afterEach(() => database.close())

    test('everything that is set can be read back, and is in the audit', async () => {
      const change = {
        crons: ['0 7,15 * * 1-5', '0 12 * * 6'],
        timeZone: 'asia/tokyo',
        filter: { kinds: ['spam', 'banned'], minScore: -1.5, maxScore: 12 },
        minMessages: 3,
        sendsEmpty: true,
        spread: 30 * MINUTE,
        isOffered: true,
        enabled: false,
      } as const
      const { schedule, created } = await set('root', 'office', change)
      expect(created).toBe(true)
      const expected = { ...change, name: 'office', timeZone: 'Asia/Tokyo', isDefault: false, updatedAt: NOW }
      expect(schedule).toMatchObject(expected)
      expect((await listSchedules(database.state)).find(({ name }) => name === 'office')).toEqual(schedule)
      const audit = await database.state.sql.selectFrom('digest_audit').selectAll().execute()
      expect(audit).toEqual([
        expect.objectContaining({ actor: 'root', action: 'schedule-set', outcome: 'made' }),
      ])
      expect(audit[0]?.detail).toBe(
        'office: cron 0 7,15 * * 1-5 | 0 12 * * 6; time zone Asia/Tokyo; default no; on no; carries spam, banned from score -1.5 below score 12; minimum 3; empty ones yes; spread 30m; for readers to choose yes',
      )
    })

    test('of ten admins who change the same version, one succeeds and nine get a conflict', async () => {
      const changes = Array.from({ length: 10 }, (_, hour) =>
        set(`admin-${hour}`, 'daily', { crons: [`0 ${hour} * * *`] }, 1),
      )
      const results = await Promise.allSettled(changes)
      const done = results.flatMap((result, hour) => (result.status === 'fulfilled' ? [hour] : []))
      expect(done).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'EDIT_CONFLICT' })
      }
      const [daily] = await listSchedules(database.state)
      expect(daily).toMatchObject({ crons: [`0 ${done[0]} * * *`], version: 2 })
    })

    test('of ten admins who create the same schedule, one succeeds', async () => {
      const made = await Promise.allSettled(
        Array.from({ length: 10 }, () => set('root', 'new', { crons: ['0 6 * * *'] }, 0)),
      )
      expect(made.filter(result => result.status === 'fulfilled')).toHaveLength(1)
    })

    test('exactly one schedule is the default, whatever is made the default or removed at once', async () => {
      const names = Array.from({ length: 8 }, (_, index) => `s${index}`)
      await Promise.all(names.map(name => set('root', name, { crons: ['0 6 * * *'], isDefault: true })))
      await Promise.allSettled([
        ...names.map(name => set('root', name, { isDefault: true })),
        ...names.map(name => removeSchedule(deps(), root, name, { evenIfUsed: true })),
      ])
      const schedules = await listSchedules(database.state)
      expect(schedules.filter(schedule => schedule.isDefault)).toHaveLength(1)
    })

    test('a schedule that is removed just before it is changed does not come back', async () => {
      await set('root', 'week', { crons: ['0 6 * * 1'] })
      const sql = beforeTransactions(database.state.sql, () =>
        removeSchedule(deps(), root, 'week', { evenIfUsed: true }),
      )
      const late = { ...deps(), state: { ...database.state, sql } }
      const changing = setSchedule(late, root, 'week', { crons: ['0 7 * * 1'] }, { mustExist: true })
      await expect(changing).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
      expect((await listSchedules(database.state)).map(({ name }) => name)).toEqual(['daily'])
    })

    test('a run that was due but not made when the times change stays among the runs, once', async () => {
      const owed = () =>
        database.state.sql
          .selectFrom('digest_run')
          .select(['schedule', 'time_zones', 'finished_at', 'lease_owner'])
          .orderBy('due_at')
          .execute()
      const row = { schedule: 'daily', finished_at: null, lease_owner: null }
      await prefer(database.state, 'alice@example.com', { time_zone: 'Asia/Tokyo' })
      // After six in Paris, just before six in UTC, and then at six in UTC.
      time.now = Date.UTC(2026, 2, 12, 6) - 1000
      await set('root', 'daily', { timeZone: 'reader' })
      time.now += 1000
      await set('root', 'daily', { crons: ['0 5 * * *'] })
      expect(await owed()).toEqual([
        { ...row, time_zones: null },
        { ...row, time_zones: '["UTC"]' },
      ])
      await set('root', 'daily', { enabled: false })
      time.now += DAY
      await set('root', 'daily', { enabled: true, crons: ['0 7 * * *'] })
      expect(await owed()).toHaveLength(2)
      await set('root', 'other', { crons: ['0 7 * * *'], isDefault: true })
      await removeSchedule(deps(), root, 'daily', { evenIfUsed: true })
      await set('root', 'daily', { crons: ['0 7 * * *'] })
      expect((await owed()).map(run => run.finished_at === null)).toEqual([false, false])
    })

    test('only settings that name a schedule are counted, and a removed schedule is named by none', async () => {
      await set('root', 'week', { crons: ['0 6 * * 1'] })
      await prefer(database.state, 'alice@example.com', { schedules: '["week"]' })
      await prefer(database.state, 'bob@example.com', { schedules: '["daily","week"]' })
      await prefer(database.state, 'carol@example.com', { schedules: '["weekly","a-week"]' })
      await prefer(database.state, 'dave@example.com', { schedules: null, language: 'de' })
      await prefer(database.state, 'erin@example.com', { schedules: '["week"]', language: 'de' })
      await prefer(database.state, '@example.com', { schedules: '["week"]' })
      await prefer(database.state, '@', { schedules: '["week"]' })
      const refused = removeSchedule(deps(), root, 'week', { evenIfUsed: false })
      await expect(refused).rejects.toMatchObject({
        code: 'SCHEDULE_IN_USE',
        message: expect.stringMatching(/ is used by everybody, 1 domain, and 3 readers\./),
      })
      expect(await removeSchedule(deps(), root, 'week', { evenIfUsed: true })).toEqual({
        fallenBack: 5,
        warnings: [],
      })
      const rows = await database.state.sql
        .selectFrom('digest_preference')
        .selectAll()
        .orderBy('scope')
        .execute()
      // Rows in which nothing was left are gone, so the wider settings apply.
      expect(rows.map(row => [row.scope, row.schedules, Number(row.version)])).toEqual([
        ['bob@example.com', '["daily"]', 2],
        ['carol@example.com', '["weekly","a-week"]', 1],
        ['dave@example.com', null, 1],
        ['erin@example.com', null, 2],
      ])
    })
  })
}

/** Does some work just before each transaction begins. */
function beforeTransactions<Tables>(sql: Kysely<Tables>, work: () => Promise<unknown>): Kysely<Tables> {
  const spied = sql.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => result,
  })
  spied.transaction = () => {
    const builder = sql.transaction()
    builder.setIsolationLevel = level => {
      const begun = sql.transaction().setIsolationLevel(level)
      const execute = begun.execute.bind(begun)
      begun.execute = async callback => {
        await work()
        return execute(callback)
      }
      return begun
    }
    return builder
  }
  return spied
}

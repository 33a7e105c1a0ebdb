import type { Kysely, KyselyPlugin, QueryId } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removeSettings, setSettings } from '../../src/desks/admin/settings/change-settings.ts'
import { importSettings } from '../../src/desks/admin/settings/import-settings.ts'
import { findSettings, listSettings } from '../../src/desks/admin/settings/list-settings.ts'
import { setAndGive } from '../../src/desks/admin/settings/set-and-give.ts'
import type { WithScheduleDeps } from '../../src/desks/admin/settings/with-schedule.ts'
import { setOwnSettings } from '../../src/desks/reader/settings/own-settings.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY } from '../../src/ground/durations.ts'
import type { Editor } from '../../src/rules/reach/reach.ts'
import type { SettingsChange } from '../../src/rules/settings/setting-faults.ts'
import { FOREVER, LOCK_FIELDS, type ScopeSettings } from '../../src/rules/settings/setting-fields.ts'
import type { SettingsWish } from '../../src/rules/settings/settings-wish.ts'
import { listSchedules, seedSchedules } from '../../src/work/schedules/schedules.ts'
import { manualClock, NOW } from '../embedded/clock.ts'
import { STANDARD_POLICIES } from '../standard-policies.ts'
import { migratedOnce } from './migrated-once.ts'
import type { StateDatabaseMaker } from './state-database.ts'

/** What changes of settings promise on every database, even when many are made at once. */
export function settingsChangesContract(maker: StateDatabaseMaker): void {
  describe(`settings in ${maker.name}`, () => {
    const time = manualClock()
    const opened = migratedOnce(maker.open)
    let database: Awaited<ReturnType<typeof opened>>
    const deps = (): WithScheduleDeps => ({
      state: database.state,
      directory: addresses(''),
      standard: { language: 'en', timeZone: 'UTC' },
      locales: { languages: ['en', 'de', 'fr'] },
      policies: STANDARD_POLICIES,
      retention: retentionOf(30 * DAY),
      clock: time.clock,
      onDestinationChanged: async () => {},
    })
    const by = (name: string): Editor => ({
      actor: { kind: 'admin', name, remoteAddress: null },
      reach: undefined,
    })
    const set = (who: string, scope: string, wish: SettingsWish, expected?: number) =>
      setSettings(deps(), by(who), scope, wish, expected)
    const give = (name: string, scopes: readonly string[]) =>
      setAndGive(deps(), by(name), name, { crons: ['0 7 * * *'] }, { scopes })
    const find = (scope: string) => findSettings(deps(), undefined, scope)
    const file = async function* (lines: readonly string[]) {
      yield Buffer.from(lines.join('\n'))
    }

    beforeEach(async () => {
      time.now = NOW
      database = await opened()
      const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
      await seedSchedules(database.state, [daily], NOW)
    })
    afterEach(() => database.close())

    test('everything that is set can be read back, and is in the audit', async () => {
      const change = {
        schedules: ['daily'],
        language: 'de',
        timeZone: 'Asia/Tokyo',
        deliverTo: "O'Brien@example.net",
        pausedUntil: FOREVER,
        enabled: false,
        locked: ['language', 'pause'],
      } as const
      const { settings } = await set('root', '@Bücher.example', change)
      expect(settings).toMatchObject({ ...change, scope: '@xn--bcher-kva.example', updatedAt: NOW })
      expect(await find('@bücher.example')).toEqual(settings)
      const audit = await database.state.sql.selectFrom('digest_audit').selectAll().execute()
      expect(audit).toEqual([
        expect.objectContaining({
          actor: 'root',
          action: 'settings-set',
          recipient: '@xn--bcher-kva.example',
        }),
      ])
      expect(audit[0]?.detail).toBe(
        "schedules: - → daily; language: - → de; timezone: - → Asia/Tokyo; deliver-to: - → O'Brien@example.net; paused until: - → forever; on: - → off; locked: - → language pause",
      )
    })

    test('of ten admins who change the same version, one succeeds and nine get a conflict', async () => {
      const { settings } = await set('root', '@example.com', { language: 'de' })
      for (const expected of [settings.version, 0]) {
        if (expected === 0) await removeSettings(deps(), by('root'), '@example.com')
        const changes = Array.from({ length: 10 }, (_, index) =>
          set(`admin-${index}`, '@example.com', { deliverTo: `box-${index}@example.com` }, expected),
        )
        const results = await Promise.allSettled(changes)
        const done = results.filter(result => result.status === 'fulfilled')
        expect(done).toHaveLength(1)
        const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
        expect(new Set(errors.map(error => error.code))).toEqual(new Set(['EDIT_CONFLICT']))
        expect(await find('@example.com')).toEqual(done[0]?.value.settings)
      }
    })

    test('changes of different fields at the same time all take effect', async () => {
      const changes: SettingsChange[] = [
        { language: 'de' },
        { timeZone: 'Asia/Tokyo' },
        { pausedUntil: FOREVER },
        { enabled: false },
      ]
      await Promise.all(changes.map((change, index) => set(`admin-${index}`, 'alice@example.com', change)))
      expect(await find('alice@example.com')).toMatchObject(Object.assign({}, ...changes))
      expect(await database.state.sql.selectFrom('digest_audit').selectAll().execute()).toHaveLength(4)
    })

    test('locks added and lifted at the same time all take effect', async () => {
      await set('root', 'alice@example.com', { locked: ['deliverTo'] })
      const wishes = LOCK_FIELDS.map(field =>
        field === 'deliverTo' ? { unlock: [field] } : { lock: [field] },
      )
      await Promise.all(wishes.map((wish, index) => set(`admin-${index}`, 'alice@example.com', wish)))
      const { locked } = (await find('alice@example.com')) ?? {}
      expect(locked).toEqual(LOCK_FIELDS.filter(field => field !== 'deliverTo'))
    })

    test('of schedules given to the same domains at the same time, one ends up with all of them', async () => {
      const scopes = Array.from({ length: 12 }, (_, index) => `@${index}.example`)
      for (const scope of scopes.slice(0, 6)) await set('root', scope, { language: 'de' })
      await Promise.all([
        give('one', scopes),
        give('two', scopes.toReversed()),
        give('three', [...scopes.slice(5), ...scopes.slice(0, 5)]),
        ...scopes.map(scope => set('other', scope, { enabled: true })),
      ])
      const { rows } = await listSettings(deps(), undefined, { limit: 100 })
      expect(rows).toHaveLength(scopes.length)
      expect(new Set(rows.map(({ schedules }) => schedules?.join())).size).toBe(1)
      expect(rows.every(({ enabled, timeZone }) => enabled && timeZone === 'Europe/Paris')).toBe(true)
      expect(rows.filter(({ language }) => language === 'de')).toHaveLength(6)
    })

    test('giving a schedule to many while setting it for one of them leaves no mixed state', async () => {
      const scopes = ['@a.example', '@b.example', '@c.example']
      await set('root', '@b.example', { schedules: ['daily'] })
      const setOne = (scope: string) => set('other', scope, { schedules: ['daily'], language: 'fr' })
      await Promise.all([give('office', scopes), ...scopes.map(setOne), ...scopes.map(setOne)])
      for (const scope of scopes) {
        const own = await find(scope)
        expect([['office'], ['daily']]).toContainEqual(own?.schedules)
        expect(own?.language).toBe('fr')
      }
    })

    test('a schedule that cannot be given to one of many is not made, and nobody gets it', async () => {
      await set('root', '@b.example', { schedules: ['daily'] })
      const scopes = ['@a.example', '@b.example', '@c.example']
      const giving = setAndGive(
        deps(),
        by('root'),
        'office',
        { crons: ['0 7 * * *'], isDefault: true },
        { scopes, seen: new Map() },
      )
      await expect(giving).rejects.toThrow('@b.example (daily)')
      const broken = { ...by('root'), actor: brokenAfter(0, 3) }
      const breaking = setAndGive(deps(), broken, 'office', { crons: ['0 7 * * *'] }, { scopes })
      await expect(breaking).rejects.toThrow('broken')
      const { rows } = await listSettings(deps(), undefined, { limit: 10 })
      expect(rows.map(({ scope, schedules }) => [scope, schedules])).toEqual([['@b.example', ['daily']]])
      const schedules = await listSchedules(database.state)
      expect(schedules).toMatchObject([{ name: 'daily', isDefault: true, version: 1 }])
    })

    test('a reader who pauses while an admin has the page open is not overruled', async () => {
      const { settings } = await set('root', 'alice@example.com', { language: 'de' })
      time.now = NOW + 1000
      await setOwnSettings(deps(), 'alice@example.com', { pausedUntil: FOREVER }, '192.0.2.1')
      const late = set('root', 'alice@example.com', { pausedUntil: null, language: 'fr' }, settings.version)
      await expect(late).rejects.toThrow('by alice@example.com at 2026-03-11T05:00:01.000Z')
      expect(await find('alice@example.com')).toMatchObject({ language: 'de', pausedUntil: FOREVER })
    })

    test('a list continues where the previous page ended, in the order of octets', async () => {
      const scopes = [
        '@',
        '@a.example',
        '@b.example',
        'Zoë@a.example',
        'a_b@a.example',
        'axb@a.example',
        'é@b.example',
      ]
      for (const scope of scopes) await set('root', scope, { enabled: true })
      const seen = []
      let after: string | undefined
      do {
        const page = await listSettings(deps(), undefined, { after, limit: 2 })
        seen.push(...page.rows.map(row => row.scope))
        after = page.next
      } while (after !== undefined)
      const canonical = scopes.map(scope => scope.toLowerCase())
      expect(seen).toEqual(canonical.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    })

    test('a search takes its text literally, not as a pattern', async () => {
      const readers = ['a_b@a.example', 'axb@a.example', '100%@b.example', '!x@b.example', '"\\\\"@b.example']
      for (const scope of [...readers, "o'x@b.example", 'zoë@a.example', '@bücher.example']) {
        await set('root', scope, { enabled: true })
      }
      const found = async (search: string) =>
        (await listSettings(deps(), undefined, { limit: 10, search })).rows.map(row => row.scope)
      expect(await found('a_b')).toEqual(['a_b@a.example'])
      expect(await found('%')).toEqual(['100%@b.example'])
      expect(await found('!')).toEqual(['!x@b.example'])
      expect(await found('\\')).toEqual(['"\\\\"@b.example'])
      expect(await found("'")).toEqual(["o'x@b.example"])
      expect(await found('A_B@')).toEqual(['a_b@a.example'])
      expect(await found('ZOË')).toEqual(['zoë@a.example'])
      expect(await found('@BÜCHER')).toEqual(['@xn--bcher-kva.example'])
      expect(await found('nobody')).toEqual([])
    })

    test('two imports and an edit at the same time end as if one came after the other', async () => {
      const scopes = Array.from({ length: 1200 }, (_, index) => `reader-${index}@example.com`)
      const csv = (language: string, order: readonly string[]) =>
        file(['scope,language', ...order.map(scope => `${scope},${language}`)])
      const options = { skipBad: false, dryRun: false }
      await Promise.all([
        importSettings(deps(), by('one'), csv('de', scopes), options),
        importSettings(deps(), by('two'), csv('fr', scopes.toReversed()), options),
        set('three', 'reader-700@example.com', { timeZone: 'Asia/Tokyo' }),
      ])
      const { rows } = await listSettings(deps(), undefined, { limit: 1000 })
      expect(rows).toHaveLength(1000)
      const languages = new Set(rows.map(row => row.language))
      expect(languages.size).toBe(1)
    })

    test('the version of an edit in the middle of an import stands for its own settings only', async () => {
      const [changed, made] = ['alice@example.com', 'bob@example.com']
      const { settings } = await set('root', changed, { language: 'de' })
      const edits: Promise<unknown>[] = []
      const edit = (who: string, scope: string, wish: SettingsWish, expected?: number) => {
        const { sql, written } = whenWriting(database.state.sql, 'digest_preference')
        const state = { ...database.state, sql }
        const done = setSettings({ ...deps(), state }, by(who), scope, wish, expected)
        edits.push(done)
        return Promise.race([written, done.catch(() => {})])
      }
      const sqlWithEdits = database.state.sql.withPlugin(
        afterReading('digest_preference', async () => {
          if (edits.length > 0) return
          const begun = [
            edit('one', changed, { timeZone: 'Asia/Tokyo' }, settings.version),
            edit('two', made, { enabled: true }),
          ]
          // They end after the import, which has locked what it reads. SQLite has one connection, so that they do not
          // even begin before.
          if (maker.hasClock) await Promise.all(begun)
        }),
      )
      const csv = file(['scope,language', `${changed},fr`, `${made},fr`])
      const options = { skipBad: false, dryRun: false }
      await importSettings(
        { ...deps(), state: { ...database.state, sql: sqlWithEdits } },
        by('root'),
        csv,
        options,
      )
      for (const edit of await Promise.allSettled(edits)) {
        if (edit.status === 'rejected') expect(edit.reason).toMatchObject({ code: 'EDIT_CONFLICT' })
        else {
          const { settings } = edit.value as { settings: ScopeSettings }
          const now = await find(settings.scope)
          expect(now?.version === settings.version ? now : settings).toEqual(settings)
        }
      }
      expect(edits).toHaveLength(2)
    })

    test('an import that fails in the middle has changed nothing', async () => {
      await set('root', 'reader-0@example.com', { language: 'fr' })
      const lines = Array.from({ length: 1200 }, (_, index) => `reader-${index}@example.com,de`)
      const broken = { ...by('root'), actor: brokenAfter(2) }
      const failing = importSettings(deps(), broken, file(['scope,language', ...lines]), {
        skipBad: false,
        dryRun: false,
      })
      await expect(failing).rejects.toThrow('broken')
      const { rows } = await listSettings(deps(), undefined, { limit: 1000 })
      expect(rows.map(({ scope, language }) => [scope, language])).toEqual([['reader-0@example.com', 'fr']])
    })
  })
}

/** Does some work after rows of a table have been read, but before the caller gets them. */
function afterReading(table: string, work: () => Promise<void>): KyselyPlugin {
  const readings = new WeakSet<QueryId>()
  return {
    transformQuery({ node, queryId }) {
      if (node.kind === 'SelectQueryNode' && JSON.stringify(node.from).includes(table)) readings.add(queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (readings.has(queryId)) await work()
      return result
    },
  }
}

/** Tells when the first change of a table is handed to the database. */
function whenWriting<Tables>(sql: Kysely<Tables>, table: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const spied = sql.withPlugin({
    transformQuery({ node }) {
      if (node.kind !== 'SelectQueryNode' && JSON.stringify(node).includes(table)) resolve()
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { sql: spied, written: promise }
}

/** An admin whose name throws after it has been read for a number of chunks and single rows of the audit. */
function brokenAfter(chunks: number, lines = 0): Editor['actor'] {
  let read = 0
  return {
    kind: 'admin',
    get name() {
      read += 1
      if (read > chunks * 500 + lines) throw new Error('broken')
      return 'root'
    },
    remoteAddress: null,
  }
}

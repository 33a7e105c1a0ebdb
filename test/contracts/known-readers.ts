import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { digestRow } from '../../src/work/digest/make/digest-row.ts'
import { writeEmptyDigests } from '../../src/work/digest/make/empty-digests.ts'
import { knownReaders } from '../../src/work/digest/make/known-readers.ts'
import { zonesInUse } from '../../src/work/schedules/zones-in-use.ts'
import { settingsOf } from '../../src/work/settings/read-settings.ts'
import { prefer } from '../embedded/preferences.ts'
import { STANDARD_POLICIES } from '../standard-policies.ts'
import { migratedOnce } from './migrated-once.ts'
import type { StateDatabaseMaker } from './state-database.ts'

const NOW = Date.UTC(2026, 2, 11, 5)
const STANDARD = { language: 'en', timeZone: 'UTC' }

/** The readers whom runs consider although nothing waits for them, on every database. */
export function knownReadersContract(maker: StateDatabaseMaker): void {
  describe(`readers in ${maker.name}`, () => {
    let state: Database<StateTables>
    let close: () => Promise<void>
    const open = migratedOnce(maker.open)

    beforeEach(async () => {
      ;({ state, close } = await open())
    })
    afterEach(() => close())

    test('readers who had digests are known, then those with their own settings, each group in order', async () => {
      const readers = Array.from({ length: 1001 }, (_, index) => readerOf(index))
      await addDigests(readers)
      await addDigests(readers.slice(0, 10))
      for (const scope of ['zoe@example.com', '@', '"a b"@example.com', '@example.com'])
        await prefer(state, scope, { language: 'en' })
      const batches = []
      for await (const batch of knownReaders(state)) batches.push(batch)
      expect(batches.map(batch => batch.length)).toEqual([500, 500, 1, 2])
      expect(batches.flat()).toEqual([...readers, '"a b"@example.com', 'zoe@example.com'])
    })

    test('processes that write a run’s empty digests at once make one for each reader without a digest', async () => {
      const readers = Array.from({ length: 30 }, (_, index) => readerOf(index))
      await addDigests(['served@example.com', 'served-before@example.com'])
      await state.sql
        .updateTable('digest_digest')
        .set({ created_at: NOW - 1, state: 'sent' })
        .where('reader', '=', 'served-before@example.com')
        .execute()
      const all = ['served@example.com', 'served-before@example.com', ...readers]
      const settings = await settingsOf(state, all, STANDARD)
      // amavis's tables are not read when nothing waits.
      const storage = state.sql as unknown as Kysely<AmavisTables>
      const deps = {
        state,
        storage,
        directory: addresses(''),
        policies: STANDARD_POLICIES,
        retention: retentionOf(1),
        lifetime: 1,
      }
      const run = { runId: 'run', dueAt: NOW, spread: 0 }
      const written = await Promise.all(
        Array.from({ length: 5 }, () => writeEmptyDigests(deps, run, settings, NOW + 1)),
      )
      expect(written.reduce((sum, count) => sum + count)).toBe(31)
      const rows = await state.sql
        .selectFrom('digest_digest')
        .select('reader')
        .where('item_count', '=', 0)
        .execute()
      expect(rows.map(row => row.reader).sort()).toEqual([...readers, 'served-before@example.com'])
    })

    test('each time zone of readers is found once, with the time when it was first set', async () => {
      const zones = ['Asia/Tokyo', 'Europe/Paris', 'Asia/Tokyo', 'Nowhere/Land', null, 'UTC']
      for (const [index, time_zone] of zones.entries())
        await prefer(state, readerOf(index), { time_zone, updated_at: NOW - index })
      await prefer(state, readerOf(9), { time_zone: 'Europe/Paris', zone_since: NOW - 9, updated_at: NOW })
      const found = await zonesInUse(state, 'UTC')
      expect(found.zones).toHaveLength(3)
      expect(new Map(found.zones.map(({ timeZone, since }) => [timeZone, since]))).toEqual(
        new Map([
          ['UTC', 0],
          ['Asia/Tokyo', NOW - 2],
          ['Europe/Paris', NOW - 9],
        ]),
      )
      expect(found.unreadable).toEqual(['Nowhere/Land'])
    })

    /** Adds a digest with one message for each reader, made at `NOW`. */
    async function addDigests(readers: readonly string[]): Promise<void> {
      const settings = await settingsOf(state, readers, STANDARD)
      batches += 1
      const batch = { runId: 'run', batchId: `batch ${batches}` }
      const rows = [...settings].map(([reader, own]) =>
        digestRow(batch, { reader, settings: own, deliverTo: reader, messages: 1, sendAt: NOW }, NOW),
      )
      await state.sql.insertInto('digest_digest').values(rows).execute()
    }
  })
}

let batches = 0

const readerOf = (index: number): string => `reader-${String(index).padStart(4, '0')}@example.com`

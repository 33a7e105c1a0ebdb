import type { KyselyPlugin } from 'kysely'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { recordAudit } from '../../src/ground/audit/record.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { inTransaction } from '../../src/ground/database/transaction.ts'
import { withinDomains } from '../../src/ground/database/within-domains.ts'
import { MINUTE } from '../../src/ground/durations.ts'
import { checkClock } from '../../src/ground/state/check-clock.ts'
import { newId } from '../../src/ground/state/id.ts'
import { askedItemOfRelease, heldIdOfItem, isReadBy } from '../../src/ground/state/item-and-release.ts'
import { MIGRATIONS, migrate, type OurMigration, requireMigrated } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { addItems, findItems, type NewItem } from '../../src/work/collect/items.ts'
import { readWatermark, writeWatermark } from '../../src/work/collect/watermark.ts'
import { keepPromises, type PromiseLimits } from '../../src/work/digest/make/kept-promises.ts'
import { pendingReaders } from '../../src/work/digest/make/pending-readers.ts'
import { claimRun, finishRun, renewRun, returnRun } from '../../src/work/digest/make/runs.ts'
import { ASKED_FOR, MAY_HAVE_ARRIVED } from '../../src/work/digest/make/send-anyway.ts'
import {
  askForDigests,
  failDigest,
  leaseDigests,
  postponeDigest,
  recordSent,
  renewLeases,
  returnDigests,
  withholdDigest,
} from '../../src/work/digest/send/outbox.ts'
import { forgetDeletion, rememberDeletion } from '../../src/work/quarantine/deletions.ts'
import {
  claimAgain,
  claimFirst,
  dueReleaseIds,
  endClaim,
  findRelease,
  orphanedReleases,
  renewClaim,
  renewUndeleted,
} from '../../src/work/release/claims.ts'
import { findItemOfRelease } from '../../src/work/release/item-of-release.ts'
import { seedSchedules } from '../../src/work/schedules/schedules.ts'
import { stateFigures } from '../../src/work/stuck/state-figures.ts'
import { migratedOnce } from './migrated-once.ts'

export interface StateDatabaseMaker {
  readonly name: string
  /** Whether it is a server, whose clock may differ from ours. */
  readonly hasClock: boolean
  /** Opens a new and empty database for each test. */
  open(): Promise<{ readonly state: Database<StateTables>; readonly close: () => Promise<void> }>
}

const NOW = Date.UTC(2026, 2, 11, 5)

/** What our tables promise the use-cases, on every database. */
export function stateDatabaseContract(maker: StateDatabaseMaker): void {
  describe(`our tables in ${maker.name}`, () => {
    let state: Database<StateTables>
    let close: () => Promise<void>
    const open = migratedOnce(maker.open)

    beforeEach(async () => {
      ;({ state, close } = await open())
    })
    afterEach(() => close())

    test('migrating again changes nothing, and the tables have this version', async () => {
      expect(await migrate(state)).toEqual([])
      await requireMigrated(state)
    })

    test('a migration that breaks off at any of its changes is completed by the next attempt', {
      timeout: 120_000,
    }, async () => {
      const complete = await tablesOf(state)
      expect(complete).toHaveLength(23)
      await dropTables(state)
      for (const [index, { name }] of MIGRATIONS.entries()) {
        let changes = 0
        while (await breaksAfter(state, changes, MIGRATIONS.slice(0, index + 1))) changes += 1
        // Its own changes, and the row that says that it was applied.
        expect(changes, name).toBeGreaterThan(1)
      }
      await requireMigrated(state)
      expect(await tablesOf(state)).toEqual(complete)
      for (const [name, table, column] of INDEXES) {
        const again = state.sql.schema.createIndex(name).on(table).column(column)
        await expect(again.execute()).rejects.toThrow(/exists|duplicate/i)
      }
    })

    test('a clock that differs from the server’s causes a warning, and a large difference is refused', async () => {
      const warnings: string[] = []
      const log = pino({}, { write: line => void warnings.push(JSON.parse(line).msg) })
      const LEASE = 10 * MINUTE
      const check = (off: number) => checkClock(state, { clock: () => Date.now() + off, lease: LEASE, log })
      await check(0)
      expect(warnings).toEqual([])
      if (!maker.hasClock) return check(LEASE * 100)
      for (const off of [LEASE / 2, -LEASE / 2]) await check(off)
      expect(warnings).toEqual([
        expect.stringMatching(/ (?:300|299)\.\d s ahead of .*NTP/),
        expect.stringMatching(/ (?:300|299)\.\d s behind .*NTP/),
      ])
      for (const off of [LEASE * 2, -LEASE * 2]) {
        await expect(check(off)).rejects.toMatchObject({
          code: 'CLOCK_WRONG',
          message: expect.stringMatching(/(?:1200|1199)\.\d s .*NTP.*600 s/),
        })
      }
    })

    test('the tables of a later version are refused', async () => {
      const later = { name: '9999-later', timestamp: '2030-01-01T00:00:00.000Z' }
      await state.sql
        .insertInto('digest_migration' as never)
        .values(later as never)
        .execute()
      // The row that says which older versions may go on is missing.
      await state.sql.deleteFrom('digest_watermark').execute()
      await expect(requireMigrated(state)).rejects.toMatchObject({ code: 'STATE_NEWER' })
      await expect(migrate(state)).rejects.toMatchObject({ code: 'STATE_NEWER' })
    })

    test('a later version may allow this one to go on, which then leaves the tables alone', async () => {
      const newest = Math.max(...numbers())
      expect(await migrate(state, [...MIGRATIONS, later(newest)])).toEqual(['9999-later'])
      expect(await requireMigrated(state)).toEqual(['9999-later'])
      expect(await migrate(state)).toEqual([])
      expect(await requireMigrated(state, [...MIGRATIONS, later(newest)])).toEqual([])
    })

    test('a later version may exclude this one, which then refuses to start', async () => {
      await migrate(state, [...MIGRATIONS, later(Math.max(...numbers()) + 1)])
      await expect(requireMigrated(state)).rejects.toMatchObject({ code: 'STATE_NEWER' })
      await expect(migrate(state)).rejects.toMatchObject({ code: 'STATE_NEWER' })
    })

    test('each of our migrations lets the previous version go on', () => {
      MIGRATIONS.forEach(({ compatibleFrom }, index) => {
        const previous = numbers()[index - 1] ?? 0
        expect(numbers()[index]).toBeGreaterThan(previous)
        expect(compatibleFrom).toBeLessThanOrEqual(Math.max(1, previous))
      })
    })

    test('keys may differ by case alone, as mail ids do', async () => {
      const items = [itemOf({ item_id: 'Abc', mail_id: 'Abc' }), itemOf({ item_id: 'aBC', mail_id: 'aBC' })]
      expect(await addItems(state, items)).toBe(2)
      const found = await state.sql
        .selectFrom('digest_item')
        .select('item_id')
        .where('mail_id', '=', 'aBC')
        .execute()
      expect(found).toEqual([{ item_id: 'aBC' }])
    })

    test('an item that already exists stays as it is', async () => {
      await addItems(state, [itemOf({ item_id: 'a', digest_id: 'claimed' })])
      expect(await addItems(state, [itemOf({ item_id: 'a' }), itemOf({ item_id: 'b' })])).toBe(1)
      // As if another process adds it between our look-up and our insert.
      const insert = state.sql.insertInto('digest_item').values(itemOf({ item_id: 'a', reader: 'other' }))
      await state.dialect.insertNew(insert, ['item_id']).execute()
      const rows = await state.sql.selectFrom('digest_item').selectAll().orderBy('item_id').execute()
      expect(rows.map(row => [row.item_id, row.digest_id, row.reader])).toEqual([
        ['a', 'claimed', 'alice@example.com'],
        ['b', null, 'alice@example.com'],
      ])
    })

    test('if twenty processes add the same items at once, each item is counted by one of them', {
      timeout: 120_000,
    }, async () => {
      const items = Array.from({ length: 1000 }, (_, index) => itemOf({ item_id: `i${index}` }))
      const added = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          addItems(state, index % 2 === 0 ? items : items.toReversed()),
        ),
      )
      expect(added.reduce((sum, count) => sum + count)).toBe(1000)
      const counted = state.sql.selectFrom('digest_item').select(({ fn }) => fn.countAll().as('count'))
      expect(Number((await counted.executeTakeFirstOrThrow()).count)).toBe(1000)
    })

    test('unusual characters and the longest address are stored unchanged', async () => {
      const recipient = `${'用'.repeat(64)}@${'d'.repeat(255 - 65 - 4)}😀\u0301'"\\`
      await addItems(state, [itemOf({ recipient, reader: recipient })])
      const row = await state.sql.selectFrom('digest_item').selectAll().executeTakeFirstOrThrow()
      expect(row).toMatchObject({ recipient, reader: recipient, mail_at: NOW, digest_id: null })
    })

    test('any server reply can be recorded, even a very long one or one full of NULs', async () => {
      const reply = `250 \0a\\b\0\ud800${'long'.repeat(500)}`
      await addDigests(1)
      const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 1 }
      await leaseDigests(state, { owner: 'me', until: NOW + 1000 }, due)
      await recordSent(state, [{ digestId: 'digest-000', resent: 0, reply }], NOW)
      await firstClaim('mine')
      await endClaim(state, 'a', 'mine', { ...queuedUntil(NOW), reply })
      const actor = { kind: 'reader', name: reply, remoteAddress: reply } as const
      await recordAudit(state, { actor, action: 'release', outcome: 'released', detail: reply }, NOW)
      const digest = await state.sql.selectFrom('digest_digest').select('reply').executeTakeFirst()
      const audit = await state.sql.selectFrom('digest_audit').select('detail').executeTakeFirst()
      for (const text of [digest?.reply, (await findRelease(state, 'a'))?.reply, audit?.detail]) {
        expect(text).toHaveLength(1000)
        expect(text).toMatch(/^250 .a\\b.*long/su)
      }
    })

    test('an item that contains a NUL does not hold up the others', async () => {
      const odd = { recipient: 'a\0b@example.com', mail_id: 'x\0y', item_id: 'odd' }
      expect(await addItems(state, [itemOf(odd), itemOf({ item_id: 'even' })])).toBe(2)
    })

    test('backslashes and quotes have no special meaning in a value', async () => {
      const ids = ['a\\b', '\\x41', "a'b", 'A']
      await addItems(
        state,
        ids.map(id => itemOf({ item_id: id, mail_id: id })),
      )
      for (const id of ids) {
        const query = state.sql.selectFrom('digest_item').select('item_id').where('mail_id', '=', id)
        expect(await query.execute()).toEqual([{ item_id: id }])
      }
    })

    test('times and counts are read as numbers', async () => {
      await addItems(state, [itemOf()])
      const row = await state.sql
        .selectFrom('digest_item')
        .select(({ fn }) => ['mail_at', fn.max('collected_at').as('newest'), fn.countAll().as('count')])
        .groupBy('mail_at')
        .executeTakeFirst()
      expect(row).toEqual({ mail_at: NOW, newest: NOW, count: 1 })
    })

    test('of a hundred simultaneous first claims one wins, and all see which', async () => {
      const claims = Array.from({ length: 100 }, (_, index) => `claim-${index}`)
      const rows = await Promise.all(
        claims.map(claimId =>
          claimFirst(state, {
            heldId: 'a',
            itemId: 'a',
            claimId,
            requestedBy: 'alice@example.com',
            askedBy: 'alice@example.com',
            leaseUntil: NOW + 1,
            now: NOW,
          }),
        ),
      )
      const won = rows.filter(row => row !== undefined)
      expect(won).toHaveLength(1)
      expect(won).toMatchObject([{ claimId: claims[rows.findIndex(row => row !== undefined)] }])
      expect(await findRelease(state, 'a')).toEqual(won[0])
    })

    test('of simultaneous claims by the items of several readers one wins, and each item leads to it', async () => {
      const readers = ['alice@example.com', 'bob@example.com']
      await addItems(
        state,
        readers.map(reader => itemOf({ item_id: `of ${reader}`, mail_id: 'm', reader, held_id: 'held' })),
      )
      const asked = Array.from({ length: 20 }, (_, index) => readers[index % 2] ?? '')
      const rows = await Promise.all(
        asked.map((reader, index) =>
          claimFirst(state, {
            heldId: 'held',
            itemId: `of ${reader}`,
            claimId: `claim-${index}`,
            requestedBy: reader,
            askedBy: reader,
            leaseUntil: NOW + 1,
            now: NOW,
          }),
        ),
      )
      const won = rows.filter(row => row !== undefined)
      expect(won).toHaveLength(1)
      const { requestedBy = '' } = won[0] ?? {}
      expect(won).toMatchObject([{ heldId: 'held', askedItem: `of ${requestedBy}` }])
      const found = await state.sql
        .selectFrom('digest_item')
        .innerJoin('digest_release', join => join.on('digest_release.item_id', '=', heldIdOfItem()))
        .select('digest_item.reader')
        .orderBy('digest_item.reader')
        .execute()
      expect(found.map(row => row.reader)).toEqual(readers)
      const askedBy = await state.sql
        .selectFrom('digest_release')
        .innerJoin('digest_item', join => join.on('digest_item.item_id', '=', askedItemOfRelease()))
        .select('digest_item.reader')
        .where(isReadBy(reader => withinDomains(reader, ['example.com'])))
        .execute()
      expect(askedBy).toEqual([{ reader: requestedBy }])
      const other = readers.find(reader => reader !== requestedBy)
      await state.sql.deleteFrom('digest_item').where('reader', '=', requestedBy).execute()
      expect(
        await findItemOfRelease(state, { heldId: 'held', askedItem: `of ${requestedBy}` }),
      ).toMatchObject({
        reader: other,
      })
    })

    test('what a mail promises of an item is noted with one statement, and a later time stays', async () => {
      await addItems(state, [
        itemOf({ item_id: 'spam', content: 'S', mail_at: NOW - 1, collected_at: NOW }),
        itemOf({ item_id: 'banned', content: 'B', mail_at: NOW - 1, collected_at: NOW }),
        itemOf({ item_id: 'header', content: 'H', mail_at: NOW - 1, collected_at: NOW }),
      ])
      const kept = { banned: 5, badHeader: 7 }
      const note = async (limits: PromiseLimits) => {
        const items = await findItems(state, ['banned', 'header', 'spam'])
        await keepPromises(
          state,
          limits,
          items.map(item => ({ item, listedAt: NOW })),
        )
        return (await findItems(state, ['banned', 'header', 'spam'])).map(item => item.promisedUntil)
      }
      expect(await note({ lifetime: 10, retention: retentionOf(30, kept) })).toEqual([
        NOW + 4,
        NOW + 6,
        NOW + 10,
      ])
      expect(await note({ lifetime: 1, retention: retentionOf(2) })).toEqual([NOW + 4, NOW + 6, NOW + 10])
      expect(await note({ lifetime: 9, retention: retentionOf(6) })).toEqual([NOW + 5, NOW + 6, NOW + 10])
    })

    test('items and releases of the time before messages had several readers go on', async () => {
      await dropTables(state)
      const before = MIGRATIONS.filter(({ name }) => Number.parseInt(name, 10) < 7)
      await migrate(state, before)
      const {
        held_id: _held,
        listed_in: _listed,
        promised_until: _promised,
        ...old
      } = itemOf({ item_id: 'old', mail_id: 'm', digest_id: 'digest' })
      await state.sql
        .insertInto('digest_item')
        .values(old as never)
        .execute()
      const release = { item_id: 'old', state: 'queued', claim_id: 'c', requested_by: 'alice@example.com' }
      const times = { requested_at: NOW, lease_until: NOW, attempts: 1, next_attempt_at: NOW }
      await state.sql
        .insertInto('digest_release')
        .values({ ...release, ...times } as never)
        .execute()
      expect(await migrate(state)).toContain('0007-directories')
      expect(
        await addItems(state, [itemOf({ item_id: 'bobs', mail_id: 'm', reader: 'bob', held_id: 'old' })]),
      ).toBe(1)
      expect(await dueReleaseIds(state, NOW, 10)).toEqual(['old'])
      const row = await findRelease(state, 'old')
      expect(row).toMatchObject({ heldId: 'old', askedItem: 'old', askedBy: 'alice@example.com' })
      if (row) expect(await findItemOfRelease(state, row)).toMatchObject({ itemId: 'old', heldId: 'old' })
    })

    test('of a hundred simultaneous new claims after one has ended, one wins', async () => {
      const seen = await firstClaim('first')
      await endClaim(state, 'a', 'first', queuedUntil(NOW))
      const ended = { ...seen, state: 'queued' } as const
      const won = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          claimAgain(state, ended, { claimId: `again-${index}`, leaseUntil: NOW + 1 }),
        ),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      const row = await findRelease(state, 'a')
      expect(row).toMatchObject({ state: 'releasing', attempts: 2, claimId: `again-${won.indexOf(true)}` })
    })

    test('only the holder of a claim ends it', async () => {
      await firstClaim('mine')
      expect(await endClaim(state, 'a', 'theirs', queuedUntil(NOW))).toBe(false)
      expect(await findRelease(state, 'a')).toMatchObject({ state: 'releasing', claimId: 'mine' })
    })

    test('a claim ends once: a release that is known never becomes uncertain', async () => {
      await firstClaim('mine')
      const end = { code: null, nextAttemptAt: null, now: NOW }
      const released = { ...end, state: 'released', reply: '250 Ok' } as const
      const uncertain = { ...end, state: 'uncertain', reply: 'never heard' } as const
      expect(await endClaim(state, 'a', 'mine', released)).toBe(true)
      const row = await findRelease(state, 'a')
      expect(await endClaim(state, 'a', 'mine', uncertain)).toBe(false)
      expect(await findRelease(state, 'a')).toEqual(row)
    })

    test('only its holder renews a claim, until it ends; a claim that is not renewed is an orphan', async () => {
      const claim = await firstClaim('mine')
      const orphans = async (now: number) => (await orphanedReleases(state, now, 10)).map(row => row.heldId)
      expect(await renewClaim(state, { ...claim, claimId: 'theirs' }, NOW + 9000)).toBe(false)
      expect(await orphans(NOW)).toEqual([])
      expect(await orphans(NOW + 1)).toEqual(['a'])
      expect(await renewClaim(state, claim, NOW + 5000)).toBe(true)
      // A driver may count only changed rows, and this changes nothing.
      expect(await renewClaim(state, claim, NOW + 5000)).toBe(true)
      expect(await orphans(NOW + 4999)).toEqual([])
      await endClaim(state, 'a', 'mine', queuedUntil(NOW))
      expect(await renewClaim(state, claim, NOW + 9000)).toBe(false)
      expect(await orphans(NOW + 9000)).toEqual([])
    })

    test('a claim is renewed at once, unless the deletion of its message has begun', async () => {
      const [mine, other] = [await firstClaim('mine'), await firstClaim('mine', 'other')]
      expect(await renewUndeleted(state, { ...mine, claimId: 'theirs' }, NOW + 9000)).toBe(false)
      const by = { kind: 'reader', name: 'bob@example.com' } as const
      await rememberDeletion(state, { heldId: 'a', former: '', by }, NOW)
      expect(await renewUndeleted(state, mine, NOW + 5000)).toBe(false)
      expect(await findRelease(state, 'a')).toMatchObject({ leaseUntil: mine.leaseUntil })
      expect(await renewUndeleted(state, other, NOW + 5000)).toBe(true)
      expect(await renewClaim(state, mine, NOW + 5000)).toBe(true)
      await forgetDeletion(state, 'a')
      expect(await renewUndeleted(state, mine, NOW + 9000)).toBe(true)
      expect(await findRelease(state, 'a')).toMatchObject({ leaseUntil: NOW + 9000, code: null })
    })

    test('queued releases are found when they are due, the oldest first', async () => {
      for (const [itemId, due] of Object.entries({ late: NOW + 1, second: NOW, first: NOW - 5 })) {
        await firstClaim('mine', itemId)
        await endClaim(state, itemId, 'mine', queuedUntil(due))
      }
      expect(await dueReleaseIds(state, NOW, 10)).toEqual(['first', 'second'])
    })

    test('each digest is leased to one of many processes, and to another once the lease has expired', async () => {
      await addDigests(40)
      const lease = (owner: string, now: number) =>
        leaseDigests(state, { owner, until: now + 1000 }, { now, dueAt: now, readers: undefined, limit: 10 })
      const owners = Array.from({ length: 6 }, (_, index) => `owner-${index}`)
      const taken = await Promise.all(owners.map(owner => lease(owner, NOW)))
      const ids = taken.flat().map(digest => digest.digestId)
      expect(new Set(ids).size).toBe(ids.length)
      while ((await lease('the last', NOW)).length > 0);
      expect(await lease('too early', NOW + 999)).toEqual([])
      expect(await lease('in time', NOW + 1000)).toHaveLength(10)
    })

    test('only its owner renews or returns a lease, and leasing can be limited to some readers', async () => {
      await addDigests(3)
      const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 2 }
      const mine = await leaseDigests(state, { owner: 'me', until: NOW + 1000 }, due)
      const ids = mine.map(digest => digest.digestId)
      await renewLeases(state, { owner: 'me', until: NOW + 9000 }, ids)
      await renewLeases(state, { owner: 'another', until: NOW + 1000 }, ids)
      await returnDigests(state, 'another', ids)
      await returnDigests(state, 'me', ids.slice(1))
      const later = { ...due, now: NOW + 5000, limit: 10 }
      // The databases lease in any order, so the one that was returned tells who is free.
      const free = mine[1]?.reader ?? ''
      const leased = await leaseDigests(
        state,
        { owner: 'you', until: NOW + 6000 },
        { ...later, readers: [free] },
      )
      expect(leased.map(({ reader }) => reader)).toEqual([free])
      expect(await leaseDigests(state, { owner: 'you', until: NOW + 6000 }, later)).toHaveLength(1)
    })

    test('the items of a failed digest wait again, unless another process has taken the digest over', async () => {
      await addDigests(1)
      await addItems(state, [itemOf({ item_id: 'a', digest_id: 'digest-000' })])
      const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 1 }
      await leaseDigests(state, { owner: 'me', until: NOW + 1000 }, due)
      const digestOfItem = async () =>
        (await state.sql.selectFrom('digest_item').select('digest_id').executeTakeFirstOrThrow()).digest_id
      await failDigest(
        state,
        { digestId: 'digest-000', owner: 'another', resent: 0 },
        { reply: 'away', now: NOW },
      )
      expect(await digestOfItem()).toBe('digest-000')
      await failDigest(state, { digestId: 'digest-000', owner: 'me', resent: 0 }, { reply: 'away', now: NOW })
      expect(await digestOfItem()).toBeNull()
    })

    test('a digest is not withheld if somebody has asked for it in the meantime', async () => {
      await addDigests(2)
      const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 2 }
      const seen = await leaseDigests(state, { owner: 'me', until: NOW + 1000 }, due)
      const arrived = { digestId: seen[1]?.digestId ?? '', owner: 'me', resent: 0 }
      await postponeDigest(state, arrived, { nextAttemptAt: NOW + 5, reply: 'lost', mayHaveArrived: true })
      await askForDigests(
        state,
        seen.map(({ reader }) => reader),
        NOW + 1,
      )
      const digest = { digestId: seen[0]?.digestId ?? '', owner: 'me', resent: 0 }
      const end = { reply: 'paused', now: NOW }
      expect(await withholdDigest(state, { ...digest, onlyIfSendAnyway: null }, end)).toBe(false)
      const rows = await state.sql.selectFrom('digest_digest').selectAll().execute()
      expect(Object.fromEntries(rows.map(row => [row.digest_id, row.firm]))).toEqual({
        [digest.digestId]: ASKED_FOR,
        [arrived.digestId]: MAY_HAVE_ARRIVED,
      })
      expect(await withholdDigest(state, { ...digest, onlyIfSendAnyway: ASKED_FOR }, end)).toBe(true)
    })

    test('a process without the lease cannot postpone or fail a digest, but can report it as sent', async () => {
      await addDigests(1)
      const due = { now: NOW, dueAt: NOW, readers: undefined, limit: 1 }
      await leaseDigests(state, { owner: 'slow', until: NOW + 1 }, due)
      await leaseDigests(state, { owner: 'quick', until: NOW + 9000 }, { ...due, now: NOW + 1 })
      const digest = () => state.sql.selectFrom('digest_digest').selectAll().executeTakeFirstOrThrow()
      const taken = await digest()
      expect(taken.lease_owner).toBe('quick')
      const late = { digestId: taken.digest_id, owner: 'slow', resent: 0 }
      await postponeDigest(state, late, { nextAttemptAt: NOW + 5, reply: '451 later', mayHaveArrived: false })
      await failDigest(state, late, { reply: '550 no', now: NOW })
      expect(await digest()).toEqual(taken)
      await recordSent(state, [{ ...late, reply: '250 Ok' }], NOW)
      const sent = await digest()
      expect(sent).toMatchObject({ state: 'sent', attempts: 1, lease_owner: null })
      await failDigest(state, { ...late, owner: 'quick' }, { reply: '550 no', now: NOW })
      expect(await digest()).toEqual(sent)
    })

    test('many digests are recorded as sent together, each with its own reply; none that is over or was resent since', async () => {
      await addDigests(5)
      const ids = ['digest-000', 'digest-001', 'digest-002', 'digest-003', 'digest-004']
      const change = (digestId: string, to: { state?: 'dropped'; resent?: number }) =>
        state.sql.updateTable('digest_digest').set(to).where('digest_id', '=', digestId).execute()
      await change('digest-002', { state: 'dropped' })
      await change('digest-003', { resent: 1 })
      await change('digest-004', { resent: 1 })
      const sent = ids.map((digestId, index) => ({
        digestId,
        resent: digestId === 'digest-004' ? 1 : 0,
        reply: `250 \0${index}`,
      }))
      await recordSent(state, sent, NOW)
      const rows = await state.sql.selectFrom('digest_digest').selectAll().orderBy('digest_id').execute()
      expect(rows.map(row => row.state)).toEqual(['sent', 'sent', 'dropped', 'pending', 'sent'])
      expect(rows.map(row => row.reply?.at(-1))).toEqual(['0', '1', undefined, undefined, '4'])
      expect(rows.map(row => row.attempts)).toEqual([1, 1, 0, 0, 1])
      expect(rows.map(row => Number(row.finished_at ?? 0))).toEqual([NOW, NOW, 0, 0, NOW])
    })

    describe('runs', () => {
      const daily = { schedule: 'daily', dueAt: NOW }
      const claim = (owner: string, now = NOW, run: { schedule?: string; dueAt: number } = daily) =>
        claimRun(state, { schedule: run.schedule, dueAt: run.dueAt }, { owner, until: now + 1000 }, now)
      const runRow = async (runId = '') =>
        state.sql
          .selectFrom('digest_run')
          .selectAll()
          .where('run_id', '=', runId)
          .executeTakeFirstOrThrow()
          .then(row => ({ ...row, finished_at: row.finished_at && Number(row.finished_at) }))

      test('of twenty simultaneous claims on a scheduled run one wins', async () => {
        const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`)
        const ids = await Promise.all(owners.map(owner => claim(owner)))
        expect(ids.filter(id => id !== undefined)).toHaveLength(1)
        const row = await runRow(ids.find(id => id !== undefined))
        expect(row).toMatchObject({ schedule: 'daily', lease_owner: owners[ids.findIndex(Boolean)] })
      })

      test('a run by hand is always a new one', async () => {
        const ids = await Promise.all([claim('me', NOW, { dueAt: NOW }), claim('me', NOW, { dueAt: NOW })])
        expect(new Set(ids).size).toBe(2)
        expect(await runRow(ids[0])).toMatchObject({ schedule: null, lease_owner: 'me' })
      })

      test('when the lease has expired, one of twenty processes takes the run over', async () => {
        const runId = await claim('dead')
        expect(await claim('too early', NOW + 999)).toBeUndefined()
        const ids = await Promise.all(
          Array.from({ length: 20 }, (_, index) => claim(`owner-${index}`, NOW + 1000)),
        )
        expect(ids.filter(id => id !== undefined)).toEqual([runId])
      })

      test('a run stays with the owner who renews it, and is free at once when returned', async () => {
        const runId = (await claim('mine')) ?? ''
        expect(await renewRun(state, runId, { owner: 'mine', until: NOW + 5000 })).toBe(true)
        // A driver may count only changed rows, and this changes nothing.
        expect(await renewRun(state, runId, { owner: 'mine', until: NOW + 5000 })).toBe(true)
        expect(await claim('theirs', NOW + 4999)).toBeUndefined()
        await returnRun(state, runId, 'theirs')
        expect(await claim('theirs', NOW + 4999)).toBeUndefined()
        await returnRun(state, runId, 'mine')
        expect(await claim('theirs', NOW + 1)).toBe(runId)
      })

      test('a process that has lost the lease of a run can neither renew nor finish it', async () => {
        const runId = (await claim('slow')) ?? ''
        await claim('quick', NOW + 1000)
        const taken = await runRow(runId)
        expect(await renewRun(state, runId, { owner: 'slow', until: NOW + 9000 })).toBe(false)
        expect(await finishRun(state, runId, 'slow', NOW + 1001)).toBe(false)
        await returnRun(state, runId, 'slow')
        expect(await runRow(runId)).toEqual(taken)
        expect(await finishRun(state, runId, 'quick', NOW + 1002)).toBe(true)
        expect(await runRow(runId)).toMatchObject({ finished_at: NOW + 1002, lease_owner: null })
      })

      test('a finished run is never made again', async () => {
        const runId = (await claim('mine')) ?? ''
        await finishRun(state, runId, 'mine', NOW)
        expect(await claim('mine', NOW + 9000)).toBeUndefined()
        expect(await renewRun(state, runId, { owner: 'mine', until: NOW + 9000 })).toBe(false)
      })

      test('a run ends the earlier runs of its schedule that nobody is making', async () => {
        const dead = await claim('dead', NOW, { schedule: 'daily', dueAt: NOW - 9000 })
        const alive = await claim('alive', NOW + 500, { schedule: 'daily', dueAt: NOW - 5000 })
        const other = await claim('dead', NOW, { schedule: 'other', dueAt: NOW - 9000 })
        const later = await claim('dead', NOW, { schedule: 'daily', dueAt: NOW + 5000 })
        await claim('mine', NOW + 1000)
        const finished = async (runId: string | undefined) => (await runRow(runId)).finished_at
        // Finished at the time when it began, because it was never made.
        expect(await finished(dead)).toBe(NOW)
        expect(await Promise.all([alive, other, later].map(finished))).toEqual([null, null, null])
      })
    })

    test('readers with waiting items come in batches, each once, in order', async () => {
      const items = Array.from({ length: 1205 }, (_, index) =>
        itemOf({ item_id: `i${index}`, mail_id: `i${index}`, reader: `reader-${index % 1203}@example.com` }),
      )
      await addItems(state, items)
      const batches = []
      for await (const batch of pendingReaders(state)) batches.push(batch)
      expect(batches.map(batch => batch.length)).toEqual([500, 500, 203])
      const readers = batches.flat()
      expect(readers).toEqual([...new Set(readers)].sort())
    })

    test('a watermark overwrites the previous one', async () => {
      await writeWatermark(state, NOW)
      await writeWatermark(state, NOW + MINUTE)
      expect(await readWatermark(state)).toBe(NOW + MINUTE)
    })

    test('processes that seed the schedules at the same time create them once', async () => {
      const seeds = [{ name: 'daily', cron: ['0 6 * * *'], timezone: 'UTC', default: true }]
      await Promise.all(Array.from({ length: 10 }, () => seedSchedules(state, seeds, NOW)))
      expect(await state.sql.selectFrom('digest_schedule').select('name').execute()).toHaveLength(1)
    })

    test('remaining work is counted, and the last run that finished is known', async () => {
      await addItems(state, [itemOf({ item_id: 'a' }), itemOf({ item_id: 'b', digest_id: 'claimed' })])
      await addDigests(3)
      await firstClaim('mine')
      await seedSchedules(
        state,
        [{ name: 'daily', cron: ['0 6 * * *'], timezone: 'UTC', default: true }],
        NOW,
      )
      const lease = { owner: 'me', until: NOW + 1 }
      const claim = (dueAt: number) => claimRun(state, { schedule: 'daily', dueAt }, lease, dueAt)
      const first = await claim(NOW - 3000)
      await finishRun(state, first ?? '', 'me', NOW - 2500)
      await claim(NOW - 2000)
      expect((await stateFigures(state)).runsFinishedAt).toEqual(new Map([['daily', NOW - 2500]]))
      // The run before broke off, and the next one takes what it left.
      await claim(NOW + 1000)
      expect(await stateFigures(state)).toEqual({
        digests: { pending: 3, failed: 0 },
        releases: { releasing: 1, queued: 0, failed: 0, uncertain: 0 },
        itemsWaiting: 1,
        unlisted: 0,
        oldestPendingAt: NOW,
        requestsWaiting: 0,
        oldestRequestAt: undefined,
        runsFinishedAt: new Map([['daily', NOW - 2000]]),
      })
    })

    test('a transaction that fails is undone', async () => {
      const failing = inTransaction(state, async transaction => {
        await transaction.insertInto('digest_watermark').values({ name: 'x', value: 1 }).execute()
        throw new Error('crash')
      })
      await expect(failing).rejects.toThrow('crash')
      expect(
        await state.sql.selectFrom('digest_watermark').selectAll().where('name', '=', 'x').execute(),
      ).toEqual([])
    })

    async function firstClaim(claimId: string, itemId = 'a') {
      const claim = {
        heldId: itemId,
        itemId,
        claimId,
        requestedBy: 'alice@example.com',
        askedBy: 'alice@example.com',
        leaseUntil: NOW + 1,
        now: NOW,
      }
      const row = await claimFirst(state, claim)
      if (!row) throw new Error('no row after the first claim')
      return row
    }

    async function addDigests(count: number): Promise<void> {
      const rows = Array.from({ length: count }, (_, index) => digestOf(String(index).padStart(3, '0')))
      await state.sql.insertInto('digest_digest').values(rows).execute()
    }
  })
}

const INDEXES = [
  ['digest_item_pending', 'digest_item', 'reader'],
  ['digest_digest_due', 'digest_digest', 'state'],
  ['digest_release_due', 'digest_release', 'state'],
  ['digest_audit_item', 'digest_audit', 'item_id'],
] as const

/** Migrates, and breaks off after a number of changes. @returns whether there was one more change to make */
async function breaksAfter(
  state: Database<StateTables>,
  changes: number,
  migrations: readonly OurMigration[],
): Promise<boolean> {
  let left = changes
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (/^(?:Create|Alter|Insert)/.test(node.kind) && left-- === 0) throw new Error('broken off')
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return migrate({ ...state, sql: state.sql.withPlugin(plugin) }, migrations).then(
    () => false,
    error => {
      if (error instanceof Error && error.message === 'broken off') return true
      throw error
    },
  )
}

async function tablesOf({ sql }: Database<StateTables>) {
  const tables = await sql.introspection.getTables()
  return tables.map(({ name, columns }) => ({ name, columns })).sort((a, b) => a.name.localeCompare(b.name))
}

async function dropTables(state: Database<StateTables>): Promise<void> {
  for (const { name } of await tablesOf(state)) await state.sql.schema.dropTable(name).execute()
}

/** The numbers of our migrations, in their order. */
const numbers = (): number[] => MIGRATIONS.map(({ name }) => Number.parseInt(name, 10))

const later = (compatibleFrom: number): OurMigration => ({
  name: '9999-later',
  compatibleFrom,
  async up() {},
})

const queuedUntil = (nextAttemptAt: number) =>
  ({ state: 'queued', code: 'AMAVISD_DEFERRED', reply: '451 later', nextAttemptAt, now: NOW }) as const

const itemOf = (fields: Partial<NewItem> = {}): NewItem => ({
  item_id: newId(NOW),
  partition_tag: 0,
  mail_id: fields.item_id ?? 'j_hWRAnY0bvs',
  rseqnum: 1,
  recipient: 'Alice@example.com',
  reader: 'alice@example.com',
  content: 'S',
  mail_at: NOW,
  listed_in: null,
  promised_until: null,
  collected_at: NOW,
  digest_id: null,
  held_id: null,
  ...fields,
})

const digestOf = (number: string): StateTables['digest_digest'] => ({
  digest_id: `digest-${number}`,
  run_id: 'run',
  batch_id: 'batch',
  reader: `reader-${number}@example.com`,
  deliver_to: `reader-${number}@example.com`,
  language: 'en',
  time_zone: 'UTC',
  item_count: 1,
  state: 'pending',
  created_at: NOW,
  attempts: 0,
  next_attempt_at: NOW,
  lease_owner: null,
  lease_until: null,
  finished_at: null,
  reply: null,
  resent: null,
  send_at: null,
  canary_at: null,
  firm: null,
  copy_of: null,
})

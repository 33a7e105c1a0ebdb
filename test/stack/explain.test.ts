import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findAudit } from '../../src/desks/admin/changes/find-changes.ts'
import { findDigest } from '../../src/desks/admin/digests/find-digest.ts'
import { findDigests } from '../../src/desks/admin/digests/find-digests.ts'
import { clickFigures } from '../../src/desks/admin/figures/clicks.ts'
import { lastRun } from '../../src/desks/admin/figures/last-run.ts'
import { overview } from '../../src/desks/admin/figures/overview.ts'
import { releasedSenders } from '../../src/desks/admin/figures/released-senders.ts'
import { findReaders } from '../../src/desks/admin/readers/find-readers.ts'
import { findReleases as releasesOnTheDesk } from '../../src/desks/admin/releases/find-releases.ts'
import { setSettings } from '../../src/desks/admin/settings/change-settings.ts'
import { listSettings } from '../../src/desks/admin/settings/list-settings.ts'
import { readStatus } from '../../src/desks/admin/stuck/status.ts'
import { listRequests } from '../../src/desks/requests/list-requests.ts'
import { findHeldMail, findJudgedMail } from '../../src/ground/amavis/held-mail.ts'
import { heldMailOfMessage } from '../../src/ground/amavis/held-mail-between.ts'
import { hasMoreMessagesSince } from '../../src/ground/amavis/messages.ts'
import { heldRowsOf, heldRowsOfMessages } from '../../src/ground/amavis/quarantine/held-rows.ts'
import { pendingBetween } from '../../src/ground/amavis/quarantine/pending-rows.ts'
import { changeStatus } from '../../src/ground/amavis/quarantine/recipient-status.ts'
import { findReleaseHandle, markReleased } from '../../src/ground/amavis/release-handle.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { DigestState } from '../../src/ground/state/states.ts'
import { isReadByMachine } from '../../src/work/clicks/machine-readers.ts'
import { collect } from '../../src/work/collect/collect.ts'
import type { Item } from '../../src/work/collect/items.ts'
import { itemsOfDigests, itemsOfHeld } from '../../src/work/collect/items.ts'
import { waitingLots } from '../../src/work/collect/waiting-lots.ts'
import { pendingItems } from '../../src/work/digest/make/candidates.ts'
import { compile } from '../../src/work/digest/make/compile.ts'
import { writeEmptyDigests } from '../../src/work/digest/make/empty-digests.ts'
import { knownReaders } from '../../src/work/digest/make/known-readers.ts'
import { pendingReaders } from '../../src/work/digest/make/pending-readers.ts'
import { claimRun } from '../../src/work/digest/make/runs.ts'
import {
  failDigest,
  freeItems,
  type LeasedDigest,
  leaseDigests,
  makeDigestsDue,
  postponeDigest,
  recordSent,
  renewLeases,
  returnDigests,
} from '../../src/work/digest/send/outbox.ts'
import { historiesOf } from '../../src/work/digest/show/digest-history.ts'
import { purge } from '../../src/work/purge/purge.ts'
import {
  endRow,
  freeBulkIds,
  openBulksOf,
  takeBulk,
  waitingRows,
} from '../../src/work/quarantine/bulk/bulk-rows.ts'
import { listHeld } from '../../src/work/quarantine/list/list-held.ts'
import { claimAgain, dueReleaseIds, findRelease, findReleases } from '../../src/work/release/claims.ts'
import { lastRequests } from '../../src/work/requests/request-rows.ts'
import { dueRequests } from '../../src/work/requests/sweep-requests.ts'
import { zonesInUse } from '../../src/work/schedules/zones-in-use.ts'
import { effectOf } from '../../src/work/senders/effect-of.ts'
import { settingsOf } from '../../src/work/settings/read-settings.ts'
import { resetFutureTimes } from '../../src/work/tidy/reset-future-times.ts'
import { dryRun, forReal, purgeDeps } from '../embedded/purging.ts'
import { SILENT_METER } from '../embedded/silent-meter.ts'
import { planOf, type Step } from '../servers/explain.ts'
import { fillStorage } from '../servers/fill-storage.ts'
import { openSpied, type SpiedDatabase } from '../servers/spied-database.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'
import { STANDARD_POLICIES } from '../standard-policies.ts'
import { decider } from '../work/requests/requests-world.ts'
import { listsOf, readingsOfMuch } from './quarantine-lists.ts'
import { signInsOn } from './sign-ins-on.ts'

const NOW = Date.now()
const STANDARD = { language: 'en', timeZone: 'UTC' }

let world: MariaDbStorage
let storage: SpiedDatabase<AmavisTables>
let state: SpiedDatabase<StateTables>
let items: Item[]
let leased: LeasedDigest[]
let readers: readonly string[]

/** Ten days of mail, of which three are collected; digests for half of the readers, and those of five days before. */
beforeAll(async () => {
  world = await createStorage(inject('mariaDb'))
  await fillStorage(world, { messages: 100_000, readers: 12_000, days: 10 }, NOW)
  storage = openSpied<AmavisTables>(world.url)
  state = openSpied<StateTables>(world.url)
  await migrateIn(world)
  await collect(collectDeps(), NOW)
  await fillOurOwn()
  for await (const batch of pendingReaders(state)) {
    readers = batch
    if (batch.some(reader => reader.startsWith('reader5'))) break
    await compileFor(batch)
  }
  await world.query('ANALYZE TABLE digest_item, digest_digest, digest_release, digest_preference, digest_run')
  leased = await leaseDigests(state, { owner: 'me', until: NOW + 1000 }, due())
  items = [...(await itemsOfDigests(state, idsOf(leased))).values()].flat()
})

afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
  await state?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

describe("amavis's tables are read along amavis's own indexes", () => {
  test('held mail of a window is found by time, then its recipients, then their addresses', async () => {
    const plans = await plansOf(() => collect(collectDeps(), NOW + MINUTE))
    expect(plans).toContainEqual(['msgs: msgs_idx_time_num', 'msgrcpt: PRIMARY', 'maddr: PRIMARY'])
    const isMuch = () => hasMoreMessagesSince(storage.sql, NOW / 1000 - 3_600, 100)
    expect(await plansOf(isMuch)).toEqual([['msgs: msgs_idx_time_num']])
  })

  test('messages by key, 500 at a time, are found by mail_id', async () => {
    const pending = (await pendingItems(state, readers)).slice(0, 500)
    expect(await plansOf(() => findHeldMail(storage.sql, pending))).toEqual([
      expect.arrayContaining([
        'msgrcpt: msgrcpt_idx_mail_id',
        'msgs: PRIMARY',
        'sender: PRIMARY',
        'recipient: PRIMARY',
      ]),
    ])
  })

  test('what decides whether a digest lists messages is found without their senders', async () => {
    const pending = (await pendingItems(state, readers)).slice(0, 500)
    const [plan] = await plansOf(() => findJudgedMail(storage.sql, pending))
    expect(plan?.toSorted()).toEqual(['msgrcpt: msgrcpt_idx_mail_id', 'msgs: PRIMARY', 'recipient: PRIMARY'])
  })

  test('what another program has marked as asked for is found by time', async () => {
    const [from, to] = [NOW / 1000 - 3_600, NOW / 1000]
    expect(await plansOf(() => pendingBetween(storage.sql, Math.floor(from), Math.ceil(to)))).toEqual([
      ['msgs: msgs_idx_time_num', 'msgrcpt: PRIMARY', 'maddr: PRIMARY'],
    ])
  })

  test('the mails of a page of requests are found by mail_id', async () => {
    const ids = items.slice(0, 25).map(({ mailId }) => mailId)
    expect(await plansOf(() => heldRowsOfMessages(storage.sql, ids))).toEqual([
      expect.arrayContaining(['msgrcpt: msgrcpt_idx_mail_id', 'msgs: PRIMARY']),
    ])
  })

  test('one message is found for an admin who names it, and for its release', async () => {
    const [item] = items
    if (!item) throw new Error('nothing was leased')
    expect(await plansOf(() => heldMailOfMessage(storage.sql, item.mailId))).toEqual([
      expect.arrayContaining(['msgrcpt: msgrcpt_idx_mail_id']),
    ])
    expect(await plansOf(() => findReleaseHandle(storage.sql, item))).toEqual([
      expect.arrayContaining(['msgrcpt: PRIMARY', 'msgs: PRIMARY', 'maddr: PRIMARY']),
    ])
    // Either index leads to one row.
    const byKey = expect.stringMatching(/^msgrcpt: (PRIMARY|msgrcpt_idx_mail_id)$/)
    expect(await plansOf(() => markReleased(storage.sql, item))).toEqual([[byKey, 'msgs: PRIMARY']])
    expect(await plansOf(() => changeStatus(storage.sql, item, 'none', 'D'))).toEqual([
      [byKey, 'msgs: PRIMARY'],
    ])
    const { rseqnum, ...message } = item
    for (const key of [item, { ...message, rseqnum: undefined }])
      expect(await plansOf(() => heldRowsOf(storage.sql, key))).toEqual([
        expect.arrayContaining([
          'msgs: PRIMARY',
          'msgrcpt: PRIMARY',
          'recipient: PRIMARY',
          'sender: PRIMARY',
        ]),
      ])
  })
})

test('the list of the quarantine reads what it has to, along amavis’s indexes', async () => {
  const deps = { storage: storage.sql, state, directory: addresses(''), clock: () => NOW }
  // Remembered answers are few, and the few rows of a reader or a sender are sorted.
  const harmless = ({ table, key }: Step) =>
    table === 'digest_answer' ||
    key === 'msgrcpt_idx_rid' ||
    key === 'msgs_idx_sid' ||
    // The walk over all addresses, ten thousand at a time.
    (table === 'maddr' && key === 'PRIMARY')
  for (const { viewer, search, steps } of listsOf('reader77@d77.example')) {
    const plans = await plansOf(() => listHeld(deps, viewer, search), harmless)
    for (const step of steps) expect(plans.flat()).toContain(step)
  }
})

test('what an entry would have done is counted along amavis’s indexes, whoever’s mail it is about', async () => {
  const deps = { storage: storage.sql, clock: () => NOW }
  const harmless = ({ table, key }: Step) =>
    key === 'msgrcpt_idx_rid' || key === 'msgs_idx_sid' || (table === 'maddr' && key === 'PRIMARY')
  for (const [owner, step] of [
    ['reader77@d77.example', 'msgrcpt: msgrcpt_idx_rid'],
    ['@d77.example', 'maddr: PRIMARY'],
    ['@.', 'msgs: msgs_idx_time_num'],
  ] as const) {
    const plans = await plansOf(
      () => effectOf({ ...deps, recipientDelimiter: '' }, owner, 'news7@shop7.example'),
      harmless,
    )
    expect(plans.flat()).toContain(step)
  }
})

test('much held mail is read and counted along the index of the time', async () => {
  // A count by kind has ten rows to put in order.
  const isOfKinds = ({ table, readsAll }: Step) => table === 'msgs' && !readsAll
  for (const reading of await readingsOfMuch(storage.sql)) {
    const [plan] = await plansOf(reading, isOfKinds)
    expect(plan?.slice(0, 2)).toEqual(['msgs: msgs_idx_time_num', 'msgrcpt: PRIMARY'])
    expect(new Set(plan?.slice(2))).toEqual(plan?.length === 2 ? new Set() : new Set(['maddr: PRIMARY']))
  }
})

describe('our own tables are read along an index, however long they have grown', () => {
  test('for a walk over the readers with waiting items', async () => {
    expect(await plansOf(() => pendingReaders(state).next())).toEqual([['digest_item: digest_item_pending']])
  })

  test('for the waiting items of 500 readers, and their settings', async () => {
    expect(readers).toHaveLength(500)
    expect(await plansOf(() => pendingItems(state, readers))).toEqual([['digest_item: digest_item_pending']])
    expect(await plansOf(() => settingsOf(state, readers, STANDARD))).toEqual([
      ['digest_preference: PRIMARY'],
    ])
  })

  test('for a lot of a thousand readers, as for a few', async () => {
    const lots = () => waitingLots(state, { readers: 1500, items: 10_000 })
    const lot: readonly string[] = (await lots().next()).value ?? []
    expect(lot.length).toBeGreaterThan(1000)
    expect(await plansOf(() => lots().next())).toEqual([['digest_item: digest_item_pending']])
    expect(await plansOf(() => pendingItems(state, lot))).toEqual([['digest_item: digest_item_pending']])
    expect(await plansOf(() => settingsOf(state, lot, STANDARD))).toEqual([['digest_preference: PRIMARY']])
  })

  test('for the claim of what waits for 500 readers', async () => {
    const lot: readonly string[] =
      (await waitingLots(state, { readers: 1500, items: 10_000 }).next()).value ?? []
    const others = lot.filter(reader => !readers.includes(reader)).slice(0, 500)
    expect(await plansOf(() => compileFor(others))).toContainEqual([
      'digest_item: PRIMARY',
      'digest_digest: digest_digest_batch',
    ])
  })

  test('for a page of settings, wherever it begins, and a change of one row', async () => {
    const deps = {
      state,
      directory: addresses(''),
      standard: STANDARD,
      locales: { languages: ['en', 'de'] },
      policies: STANDARD_POLICIES,
      clock: () => NOW,
      onDestinationChanged: async () => {},
    }
    const byKey = ['digest_preference: PRIMARY']
    for (const after of [undefined, 'reader3']) {
      for (const search of [undefined, 'd77.example']) {
        expect(await plansOf(() => listSettings(deps, undefined, { after, limit: 100, search }))).toEqual([
          byKey,
        ])
      }
    }
    const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
    const scope = 'reader7@d7.example'
    const isSchedules = ({ table }: Step) => table === 'digest_schedule'
    const { version } = (await setSettings(deps, root, scope, { language: 'de' })).settings
    const change = () => setSettings(deps, root, scope, { language: 'en' }, version)
    const plans = await plansOf(change, isSchedules)
    expect(plans.filter(([step]) => !step?.startsWith('digest_schedule'))).toEqual([byKey, byKey])
  })

  test('for compiling 500 digests, which takes few statements', async () => {
    const plans = await plansOf(() => compileFor(readers))
    expect(plans).toContainEqual(['digest_item: PRIMARY', 'digest_digest: digest_digest_batch'])
    expect(plans.length).toBeLessThan(20)
  })

  test('for a walk over all known readers, and for empty digests among 500 of them', async () => {
    const walk = async () => {
      let count = 0
      for await (const batch of knownReaders(state)) count += batch.length
      return count
    }
    expect(await walk()).toBeGreaterThan(50_000)
    expect(new Set((await plansOf(walk)).flat())).toEqual(
      new Set(['digest_digest: digest_digest_reader', 'digest_preference: PRIMARY']),
    )
    const known = (await knownReaders(state).next()).value ?? []
    expect(known).toHaveLength(500)
    const settings = await settingsOf(state, known, STANDARD)
    await setStates(known, 'sent')
    const run = { runId: 'run-1', dueAt: NOW + DAY, spread: 0 }
    // Finds the last digest of each reader, who has only a few.
    const harmless = ({ key, sorts }: Step) => key === 'digest_digest_reader' && sorts
    const plans = await plansOf(() => writeEmptyDigests(compileDeps(), run, settings, NOW + DAY), harmless)
    expect(plans).toEqual([
      ['digest_item: digest_item_pending'],
      ['digest_digest: digest_digest_reader'],
      ['digest_digest: digest_digest_reader', 'digest_digest: digest_digest_reader'],
      ['digest_digest: digest_digest_batch'],
    ])
    await setStates(known, 'pending')
  })

  test('for the time zones of readers', async () => {
    expect((await zonesInUse(state, 'UTC')).zones).toHaveLength(4)
    expect(await plansOf(() => zonesInUse(state, 'UTC'))).toEqual([
      ['digest_preference: digest_preference_zone'],
      ['digest_watermark: PRIMARY'],
    ])
  })

  test('for leasing the digests of everybody or of one reader', async () => {
    const lease = { owner: 'you', until: NOW + 1000 }
    const everybody = await plansOf(() => leaseDigests(state, lease, due()))
    expect(everybody).toEqual([['digest_digest: digest_digest_due'], ['digest_digest: PRIMARY']])
    // Sorting the few digests of one reader costs less than looking for them among all that are due.
    const oneReader = await plansOf(
      () => leaseDigests(state, lease, { ...due(), readers: ['reader1@d1.example'] }),
      step => step.key === 'digest_digest_reader',
    )
    expect(oneReader[0]).toEqual(['digest_digest: digest_digest_reader'])
    expect(await plansOf(() => makeDigestsDue(state, undefined, NOW))).toEqual([
      ['digest_digest: digest_digest_due'],
    ])
  })

  test('for the items, the renewal and the return of leased digests', async () => {
    const ids = idsOf(leased)
    const own = [['digest_digest: PRIMARY']]
    expect(await plansOf(() => itemsOfDigests(state, ids))).toEqual([['digest_item: digest_item_pending']])
    expect(await plansOf(() => renewLeases(state, { owner: 'me', until: NOW + 2000 }, ids))).toEqual([
      ...own,
      ...own,
    ])
    expect(await plansOf(() => returnDigests(state, 'me', ids))).toEqual(own)
  })

  test('for the items of many digests, because the server looks into the index for each, however old its statistics', async () => {
    const { rows } = await sql<{ most: number }>`select @@eq_range_index_dive_limit as most`.execute(
      state.sql,
    )
    expect(rows.map(({ most }) => Number(most))).toEqual([0])
  })

  test('for unfinished runs', async () => {
    const claim = () =>
      claimRun(state, { schedule: 'daily', dueAt: NOW }, { owner: 'me', until: NOW + 30_000 }, NOW)
    expect((await plansOf(claim)).flat()).toContain('digest_run: digest_run_unfinished')
    // Most digests are pending here, so looking for overlong leases reads them all.
    const right = () => resetFutureTimes({ state, clock: () => NOW, longest: DAY })
    const plans = await plansOf(right, step => step.table === 'digest_digest')
    expect(plans).toContainEqual(['digest_run: digest_run_unfinished'])
  })

  test('for recording the outcome of a digest', async () => {
    const [first = '', second = '', third = ''] = idsOf(leased)
    const own = [['digest_digest: PRIMARY']]
    const held = (digestId: string) => ({ digestId, owner: 'me', resent: 0 })
    const sent = [first, third].map(digestId => ({ digestId, resent: 0, reply: digestId }))
    const later = { nextAttemptAt: NOW, reply: '', mayHaveArrived: false }
    const failed = { reply: '', now: NOW }
    // The first lease belongs to another owner, so that digest and its items are not touched.
    expect(
      await plansOf(() => failDigest(state, { digestId: third, owner: 'other', resent: 0 }, failed)),
    ).toEqual(own)
    expect(await plansOf(() => recordSent(state, sent, NOW))).toEqual(own)
    expect(await plansOf(() => postponeDigest(state, held(second), later))).toEqual(own)
    expect(await plansOf(() => freeItems(state, second, [first]))).toEqual([['digest_item: PRIMARY']])
  })

  test('for lists of messages that are released or deleted together', async () => {
    const lease = { id: 'list100', owner: 'me', until: NOW }
    await world.query(`INSERT INTO digest_bulk
        (bulk_id, act, owner, viewer, confirmed, is_cut, created_at, finished_at)
      SELECT CONCAT('list', seq), 'delete', CONCAT('owner', seq % 900), '{}', 0, 0, ${NOW} - seq,
        IF(seq % 100 = 0, NULL, ${NOW}) FROM seq_1_to_10000`)
    await world.query(`INSERT INTO digest_bulk_row (bulk_id, position, ref, recipient, subject, status)
      SELECT CONCAT('list', 100 * lists.seq), numbers.seq, '0.any.1', 'r', 's', 'waiting'
      FROM seq_1_to_20 lists, seq_1_to_1000 numbers`)
    await world.query('ANALYZE TABLE digest_bulk, digest_bulk_row')
    expect(await plansOf(() => freeBulkIds(state, NOW, 8))).toEqual([['digest_bulk: digest_bulk_open']])
    expect(await plansOf(() => openBulksOf(state, 'somebody', NOW))).toEqual([
      ['digest_bulk: digest_bulk_open'],
    ])
    expect(await plansOf(() => takeBulk(state, lease, NOW))).toEqual([['digest_bulk: PRIMARY']])
    expect(await plansOf(() => waitingRows(state, 'list100'))).toEqual([['digest_bulk_row: PRIMARY']])
    const row = { bulk_id: 'list100', position: 3 }
    expect(await plansOf(() => endRow(state, row, { status: 'deleted', code: null }))).toEqual([
      ['digest_bulk_row: PRIMARY'],
    ])
  })

  test('for requests that are due, those of a page, and those of some messages', async () => {
    const byId = 'digest_request_reader: PRIMARY'
    const due = await plansOf(() => dueRequests(state, NOW + 30_000))
    expect(due).toEqual([['digest_request: digest_request_next'], [byId]])
    const ids = Array.from({ length: 100 }, (_, index) => `${100 * index + 7}`)
    expect(await plansOf(() => lastRequests(state, ids))).toEqual([
      ['digest_request: digest_request_held'],
      [byId],
    ])
    const deps = { state, storage: storage.sql }
    for (const viewer of [
      decider(),
      decider('own@d100.example', 'd100.example'),
      decider('a@b', 'none.example'),
    ]) {
      const waiting = await plansOf(() => listRequests(deps, viewer, { state: 'waiting', limit: 25 }))
      expect(waiting).toContainEqual(['digest_request: digest_request_state'])
      const all = await plansOf(() => listRequests(deps, viewer, { limit: 25 }), WALKS)
      expect(all).toContainEqual(['digest_request: digest_request_asked'])
    }
  })

  test('for releases that are due, and those of a page', async () => {
    expect(await plansOf(() => dueReleaseIds(state, NOW, 50))).toEqual([
      ['digest_release: digest_release_due'],
    ])
    const ids = items.slice(0, 100).map(item => item.itemId)
    expect(await plansOf(() => findReleases(state, ids))).toEqual([['digest_release: PRIMARY']])
    const row = await findRelease(state, items[0]?.itemId ?? '')
    if (!row) throw new Error('no release to claim again')
    const claim = { claimId: 'mine', leaseUntil: NOW }
    expect(await plansOf(() => itemsOfHeld(state, ids))).toEqual([
      ['digest_item: PRIMARY'],
      ['digest_item: digest_item_held'],
    ])
    expect(await plansOf(() => claimAgain(state, row, claim))).toEqual([['digest_release: PRIMARY']])
  })
})

test('earlier listings and the outcomes of releases are found along an index for a batch of readers', async () => {
  const rules = {
    policies: STANDARD_POLICIES,
    retention: retentionOf(30 * DAY),
    lifetime: 14 * DAY,
    spamBorder: 10,
    expiringSoon: 3 * DAY,
  }
  // The first messages of each reader are numbered, and for that those of the batch are sorted; there is a limit to
  // their number. The few releases that the digests report are sorted too.
  const numbers = ({ table, sorts, readsAll }: Step) =>
    (table === 'digest' || table === 'release') && sorts && !readsAll
  expect(leased).toHaveLength(200)
  const plans = await plansOf(
    () => historiesOf({ storage: storage.sql, state, ...rules }, leased, NOW),
    numbers,
  )
  // Sorted, because two of them are asked at the same time.
  expect(plans.map(steps => steps.join(', ')).toSorted()).toEqual([
    'digest: digest_digest_reader, item: digest_item_pending, release: PRIMARY',
    'digest_digest: digest_digest_reader',
    'release: digest_release_reader, item: PRIMARY, digest: PRIMARY',
  ])
  expect(await plansOf(() => isReadByMachine(state, { reader: readers[0] ?? '', since: NOW - DAY }))).toEqual(
    [['digest_digest: digest_digest_reader']],
  )
})

test('sign-ins are found by their hash, and by an address of either kind', async () => {
  await world.query(`INSERT INTO digest_sign_in
      (token_hash, kind, admin, browser_hash, created_at, expires_at, used_at)
    SELECT CONCAT('token-', seq), IF(seq % 2, 'reader', 'admin'), CONCAT('reader', seq DIV 4, '@example.com'), 'b',
      ${NOW} - seq, ${NOW} + seq, IF(seq % 4 < 2, ${NOW}, NULL) FROM seq_1_to_20000`)
  await world.query(`INSERT INTO digest_session (session_hash, kind, admin, created_at, seen_at, expires_at)
    SELECT CONCAT('session-', seq), IF(seq % 2, 'reader', 'admin'), CONCAT('reader', seq DIV 4, '@example.com'),
      ${NOW}, ${NOW}, ${NOW} + ${DAY} FROM seq_1_to_20000`)
  await world.query('ANALYZE TABLE digest_sign_in, digest_session')
  const { byHash, byAddress } = signInsOn(state, NOW)
  // MariaDB looks for the row of a key before it makes a plan. If there is no such row, the plan names no key.
  for (const work of byHash) expect(['PRIMARY', 'null']).toContain(keysOf(await plansOf(work)))
  const [endSessions, endLinks, askForLink] = byAddress
  expect(keysOf(await plansOf(endSessions))).toBe('digest_session_admin')
  expect(keysOf(await plansOf(endLinks))).toBe('digest_sign_in_admin')
  expect(keysOf(await plansOf(askForLink))).toBe('digest_sign_in_admin, digest_audit_at')
})

describe('the status', () => {
  test('reads no whole table except the small one of schedules, and sorts only releases', async () => {
    await world.query(`INSERT INTO digest_digest (digest_id, run_id, batch_id, reader, deliver_to, language, time_zone,
        item_count, state, created_at, attempts, next_attempt_at)
      SELECT CONCAT('old-', seq), 'run', CONCAT('old-', seq), 'r', 'r', 'en', 'UTC', 1, 'sent', ${NOW} - seq, 1,
        ${NOW} - seq FROM seq_1_to_100000`)
    await world.query('ANALYZE TABLE digest_digest')
    const harmless = ({ table, sorts }: Step) =>
      table === 'digest_schedule' || (table === 'digest_release' && sorts)
    const plans = await plansOf(
      () => readStatus({ state, standard: STANDARD, clock: () => NOW }, 20),
      harmless,
    )
    expect(new Set(plans.flat())).toEqual(
      new Set([
        'digest_item: digest_item_pending',
        'digest_preference: digest_preference_zone',
        'digest_digest: digest_digest_due',
        'digest_release: digest_release_due',
        'digest_item: PRIMARY',
        expect.stringMatching(/^digest_schedule: /),
        'digest_run: digest_run_due',
        'digest_watermark: PRIMARY',
      ]),
    )
  })
})

describe("the queries of the admins' pages", () => {
  const deps = (clock = () => NOW) => ({ storage: storage.sql, state, directory: addresses(''), clock })
  /** Reads an index from its end, only as far as the page goes. MariaDB reports that as reading all of it. */
  const inOrder = ({ key, sorts }: Step) => key !== null && !sorts
  /** Sorts only a few rows, which were found along an index. */
  const sortsFew = ({ key, readsAll }: Step) => key !== null && !readsAll

  test('read lists, newest first, along an index on time, and no further than their page', async () => {
    const query = { limit: 50 }
    const leading = async (work: () => Promise<unknown>, isHarmless = inOrder) =>
      (await plansOf(work, isHarmless))[0]?.[0]
    expect(await leading(() => findDigests(deps(), undefined, query))).toBe(
      'digest_digest: digest_digest_created',
    )
    const after = { ...query, after: `${NOW}.zzzz` }
    expect(await leading(() => findDigests(deps(), undefined, after))).toBe(
      'digest_digest: digest_digest_created',
    )
    const failed = { ...query, state: 'failed' } as const
    expect(await leading(() => findDigests(deps(), undefined, failed), sortsFew)).toBe(
      'digest_digest: digest_digest_due',
    )
    const [reader = ''] = readers
    expect(await leading(() => findDigests(deps(), undefined, { ...query, reader }))).toBe(
      'digest_digest: digest_digest_reader',
    )
    // A domain's digests are found in the index alone, and only they are read.
    const near = (step: Step) =>
      step.key === 'digest_digest_created_reader' || sortsFew(step) || step.key === null
    for (const state of [undefined, 'sent'] as const) {
      const ofDomain = { ...query, reader: '@d77.example', state }
      for (const plan of await plansOf(() => findDigests(deps(), undefined, ofDomain), near)) {
        expect(plan).toContain('digest_digest: digest_digest_created_reader')
        expect(plan).toContain('digest_digest: PRIMARY')
      }
    }
    const failedOfDomain = { ...failed, reader: '@d77.example' }
    const alongStates = await plansOf(() => findDigests(deps(), undefined, failedOfDomain), sortsFew)
    expect(alongStates.map(([step]) => step)).toEqual([
      'digest_digest: digest_digest_due',
      'digest_digest: digest_digest_due',
    ])
    const releases = await plansOf(() => releasesOnTheDesk(deps(), undefined, query), inOrder)
    expect(releases.flat()).toContain('digest_release: digest_release_requested')
    const ofReader = await plansOf(() => releasesOnTheDesk(deps(), undefined, { ...query, reader }), sortsFew)
    expect(ofReader.flat()).toContain('digest_item: digest_item_reader')
    const ofDomain = await plansOf(() => releasesOnTheDesk(deps(), ['example.com'], query), inOrder)
    expect(ofDomain[0]).toEqual([
      'digest_release: digest_release_requested',
      'reading: digest_item_held',
      'reading: PRIMARY',
      'reading: digest_item_held',
    ])
    await world.query(`INSERT INTO digest_audit (audit_id, at, actor_kind, actor, action, outcome)
      SELECT CONCAT('audit-', seq), ${NOW} - seq, 'admin', 'root', 'retry', 'due' FROM seq_1_to_20000`)
    await world.query('ANALYZE TABLE digest_audit')
    expect(await leading(() => findAudit(deps(), undefined, query))).toBe('digest_audit: digest_audit_at')
  })

  test('find readers along an index on their addresses', async () => {
    const query = { search: 'reader7', limit: 50 }
    const plans = await plansOf(() => findReaders(deps(), undefined, query), sortsFew)
    expect(plans.slice(0, 3)).toEqual([
      ['digest_item: digest_item_reader'],
      ['digest_digest: digest_digest_reader'],
      ['digest_preference: PRIMARY'],
    ])
  })

  test('list the newest messages of a large digest by the digest, not along the index of the time', async () => {
    const [digest] = await world.query<{ digest_id: string }>(
      'SELECT digest_id FROM digest_digest WHERE copy_of IS NULL LIMIT 1',
    )
    const id = digest?.digest_id ?? ''
    await world.query(`INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content,
        mail_at, collected_at, digest_id)
      SELECT CONCAT('of-large-', seq), 1, CONCAT('large', seq), 1, 'large@d1.example', 'large@d1.example', 'S',
        1000 * seq, ${NOW}, '${id}' FROM seq_1_to_5000`)
    await world.query('ANALYZE TABLE digest_item')
    const plans = await plansOf(
      () => findDigest({ ...deps(), storage: storage.sql }, undefined, id),
      sortsFew,
    )
    await world.query("DELETE FROM digest_item WHERE item_id LIKE 'of-large-%'")
    expect(plans.flat().filter(step => step.startsWith('digest_item:'))).toEqual([
      'digest_item: digest_item_pending',
    ])
  })

  test('find the last run, and the senders of released mail along the index of senders', async () => {
    // Nearly all digests of this test belong to the last run, so that it is right to read them all.
    const ofTheRun = (step: Step) => sortsFew(step) || step.table === 'digest_digest'
    const run = await plansOf(() => lastRun(deps(), undefined), ofTheRun)
    expect(run[0]).toContain('digest_digest: digest_digest_created')
    const senders = await plansOf(() => releasedSenders(deps(), undefined, 14), sortsFew)
    expect(senders.flat()).toContain('digest_release: digest_release_requested')
    expect(senders.flat().filter(step => step.startsWith('msgs:'))).toEqual(
      expect.arrayContaining(['msgs: PRIMARY', 'msgs: msgs_idx_sid']),
    )
  })

  test('count only the rows of the days of a figure', async () => {
    const later = () => NOW + 3 * DAY
    const days = await plansOf(() => overview(deps(later), undefined, 1, 'UTC'), sortsFew)
    expect(days.flat()).toContain('digest_item: digest_item_mail')
    expect(days.flat()).toContain('digest_item: digest_item_shared')
    // However many days there are, items are looked for by releases, never the other way round.
    const released = (
      await plansOf(
        () => overview(deps(), undefined, 14, 'UTC'),
        () => true,
      )
    ).filter(([step]) => step?.startsWith('digest_release'))
    const ofAPart = [
      ['digest_item: PRIMARY'],
      ['digest_item: digest_item_held', 'digest_item: digest_item_held'],
    ]
    expect(released.map(plan => plan.slice(1))).toEqual([...ofAPart, ...ofAPart])
  })

  test('count the clicks of a day along the index of the time, and those of a month domain by domain', async () => {
    await world.query(`INSERT INTO digest_click (click_id, at, digest_id, domain, page, method, after_ms)
      SELECT CONCAT('click-', seq), ${NOW} - seq * ${MINUTE}, CONCAT('digest-', seq), CONCAT('d', seq % 500, '.example'),
        'release', 'GET', 1000 FROM seq_1_to_20000`)
    await world.query('ANALYZE TABLE digest_click')
    const isOfDomains = (step: Step) => step.key === 'digest_click_domain' || sortsFew(step)
    const plansWithin = (reach: readonly string[] | undefined, days: number) =>
      plansOf(() => clickFigures(deps(), reach, { days }), isOfDomains)
    expect(await plansWithin(undefined, 1)).toEqual([['digest_click: digest_click_at']])
    expect(await plansWithin(undefined, 30)).toEqual([['digest_click: digest_click_domain']])
    expect(await plansWithin(['d77.example'], 30)).toEqual([['digest_click: digest_click_domain']])
  })
})

test('a purge reads no whole table, and deletes by keys', async () => {
  await world.query(`INSERT INTO quarantine (partition_tag, mail_id, chunk_ind, mail_text)
    SELECT partition_tag, mail_id, 1, 'x' FROM msgs WHERE quar_type = 'Q'`)
  await world.query('ANALYZE TABLE quarantine')
  const deps = purgeDeps(storage, state, { retention: retentionOf(0), lifetime: 0, batch: 200 })
  // Looks for the next partition tag, and stops at the first row.
  const first = ({ key, sorts }: Step) => key === 'PRIMARY' && !sorts
  // Of our own tables, it counts all rows, because all are old here.
  const isOurs = (step: Step) => step.table?.startsWith('digest_') || step.table === 'expired' || first(step)
  const counting = await plansOf(() => purge(deps, { ...dryRun(), olderThan: 9.8 * DAY }), isOurs)
  expect(counting.map(plan => plan.join())).toContain('msgs: msgs_idx_sid')
  const plans = await plansOf(() => purge(deps, { ...forReal(), olderThan: 9.8 * DAY }), first)
  const kinds = new Set(plans.map(plan => plan.join()))
  for (const plan of [
    'msgs: msgs_idx_time_num',
    'msgrcpt: PRIMARY',
    'quarantine: PRIMARY',
    'msgs: PRIMARY',
    'maddr: PRIMARY,msgrcpt: msgrcpt_idx_rid,msgs: msgs_idx_sid',
  ])
    expect(kinds).toContain(plan)
})

/** A page of all requests is read along the index of their times, until it is full. */
const WALKS = ({ table, key, sorts }: Step) =>
  table === 'digest_request' && key === 'digest_request_asked' && !sorts

async function migrateIn({ url }: MariaDbStorage): Promise<void> {
  await using own = connect<StateTables>('state', url)
  await migrate(own)
}

/** The indexes that these plans use. */
const keysOf = (plans: readonly string[][]): string =>
  [...new Set(plans.flat().map(step => step.split(': ')[1]))].join(', ')

/** The database's plan for each statement of `work`. No statement may read or sort a whole table. */
async function plansOf(
  work: () => Promise<unknown>,
  isHarmless: (step: Step) => boolean = () => false,
): Promise<string[][]> {
  const before = { storage: storage.statements.length, state: state.statements.length }
  await work()
  const asked = [...storage.statements.slice(before.storage), ...state.statements.slice(before.state)]
  const plans = []
  for (const statement of asked) plans.push(await planOf(world, statement))
  return plans.flatMap(plan => {
    expect(plan?.filter(step => (step.readsAll || step.sorts) && !isHarmless(step)) ?? []).toEqual([])
    return plan ? [plan.map(({ table, key }) => `${table}: ${key}`)] : []
  })
}

const collectDeps = () => ({
  storage: storage.sql,
  state,
  directory: addresses(''),
  filter: { localOnly: true, excludedKinds: ['virus'] as const },
  overlap: 15 * MINUTE,
  initial: 3 * DAY,
  domain: 'example.com',
  meter: SILENT_METER,
  log: pino({ level: 'silent' }),
})

async function compileFor(batch: readonly string[]): Promise<void> {
  await compile(compileDeps(), 'run', await settingsOf(state, batch, STANDARD), NOW)
}

const compileDeps = () => ({
  storage: storage.sql,
  state,
  directory: addresses(''),
  policies: STANDARD_POLICIES,
  retention: retentionOf(30 * DAY),
  lifetime: 14 * DAY,
})

const due = () => ({ now: NOW, dueAt: NOW, readers: undefined, limit: 200 })

async function setStates(readers: readonly string[], to: DigestState): Promise<void> {
  await state.sql.updateTable('digest_digest').set({ state: to }).where('reader', 'in', readers).execute()
}

const idsOf = (digests: readonly LeasedDigest[]): string[] => digests.map(digest => digest.digestId)

/**
 * Settings of 50,000 readers, a year of runs, five digests for each reader, and a release for each item, of which one
 * in ten is queued. Without those digests, reading the whole table would cost about as much as looking for 500 readers
 * in it.
 */
async function fillOurOwn(): Promise<void> {
  await world.query(`INSERT INTO digest_preference (scope, time_zone, version, updated_at)
    SELECT CONCAT('reader', seq, '@d', seq % 2000, '.example'),
      ELT(1 + seq % 6, 'Europe/Paris', 'Asia/Tokyo', 'America/New_York'), 1, ${NOW} - seq FROM seq_1_to_50000`)
  await world.query(`INSERT INTO digest_run (run_id, schedule, due_at, started_at, finished_at)
    SELECT CONCAT('run-', seq), 'daily', ${NOW} - seq * ${DAY}, ${NOW}, ${NOW} FROM seq_1_to_365`)
  await world.query(`INSERT INTO digest_digest (digest_id, run_id, batch_id, reader, deliver_to, language, time_zone,
      item_count, state, created_at, attempts, next_attempt_at)
    SELECT LEFT(MD5(CONCAT(reader, seq)), 32), 'run', CONCAT('earlier-', seq), reader, reader, 'en', 'UTC', 1, 'sent',
      ${NOW} - seq * ${DAY}, 1, 0 FROM (SELECT DISTINCT reader FROM digest_item) readers JOIN seq_1_to_5`)
  await world.query(`INSERT INTO digest_release
      (item_id, state, claim_id, requested_by, requested_at, lease_until, attempts, next_attempt_at)
    SELECT item_id, IF(mail_at % 10000 = 0, 'queued', 'released'), 'claim', reader, ${NOW}, ${NOW}, 1,
      ${NOW} + 1000 * (rseqnum - 1) FROM digest_item`)
  await world.query(`INSERT INTO digest_request (request_id, open_held_id, held_id, partition_tag, mail_id, rseqnum,
      recipient, domain, content, mail_at, state, asked_at, expires_at, marked, next_at, version)
    SELECT LPAD(seq, 25, '0'), IF(seq % 100 = 0, seq, NULL), seq, 0, seq, 1, 'a@d1.example',
      CONCAT('d', seq % 200, '.example'), 'B', ${NOW}, IF(seq % 100 = 0, 'waiting', 'approved'), ${NOW} - seq * 1000,
      ${NOW}, 1, IF(seq % 100 = 0, ${NOW} + seq, NULL), 1 FROM seq_1_to_50000`)
  await world.query(`INSERT INTO digest_request_reader (request_id, reader, item_id, asked_at)
    SELECT LPAD(seq, 25, '0'), 'a@d1.example', seq, ${NOW} FROM seq_1_to_50000`)
  await world.query('ANALYZE TABLE digest_request, digest_request_reader')
}

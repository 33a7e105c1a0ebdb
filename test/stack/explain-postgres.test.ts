import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findAudit } from '../../src/desks/admin/changes/find-changes.ts'
import { findDigests } from '../../src/desks/admin/digests/find-digests.ts'
import { clickFigures } from '../../src/desks/admin/figures/clicks.ts'
import { overview } from '../../src/desks/admin/figures/overview.ts'
import { findReaders } from '../../src/desks/admin/readers/find-readers.ts'
import { findReleases } from '../../src/desks/admin/releases/find-releases.ts'
import { schedulesUsers } from '../../src/desks/admin/schedules/schedule-use.ts'
import { findHeldMail } from '../../src/ground/amavis/held-mail.ts'
import { heldMailBetween, heldMailOfMessage } from '../../src/ground/amavis/held-mail-between.ts'
import { hasMoreMessagesSince } from '../../src/ground/amavis/messages.ts'
import {
  type Address,
  addressesAfter,
  deleteAddresses,
  highestAddressId,
  putBack,
} from '../../src/ground/amavis/purge/addresses.ts'
import { deleteMessages, deleteOrphans } from '../../src/ground/amavis/purge/delete-messages.ts'
import { namingRows } from '../../src/ground/amavis/purge/naming-rows.ts'
import { oldMessages, unfinishedMessages } from '../../src/ground/amavis/purge/old-messages.ts'
import { partsAfter } from '../../src/ground/amavis/purge/orphans.ts'
import { heldRowsOf } from '../../src/ground/amavis/quarantine/held-rows.ts'
import { changeStatus } from '../../src/ground/amavis/quarantine/recipient-status.ts'
import { markReleased } from '../../src/ground/amavis/release-handle.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { postgres } from '../../src/ground/database/postgres.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { itemFrom, itemOf } from '../../src/work/collect/items.ts'
import { newMessages } from '../../src/work/collect/known-messages.ts'
import { waitingLots } from '../../src/work/collect/waiting-lots.ts'
import { pendingItems } from '../../src/work/digest/make/candidates.ts'
import { earlierDigests } from '../../src/work/digest/make/earlier-digests.ts'
import { knownReaders } from '../../src/work/digest/make/known-readers.ts'
import { pendingReaders } from '../../src/work/digest/make/pending-readers.ts'
import { leaseDigests } from '../../src/work/digest/send/outbox.ts'
import { listedBefore } from '../../src/work/digest/show/listed-before.ts'
import { releaseNews } from '../../src/work/digest/show/release-news.ts'
import { readAnswers } from '../../src/work/known-answers/answer-rows.ts'
import { tidyOwnRows } from '../../src/work/purge/own-rows.ts'
import { freeBulkIds, openBulksOf, waitingRows } from '../../src/work/quarantine/bulk/bulk-rows.ts'
import { listHeld } from '../../src/work/quarantine/list/list-held.ts'
import { dueReleaseIds } from '../../src/work/release/claims.ts'
import { zonesInUse } from '../../src/work/schedules/zones-in-use.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage, type PostgresStorage } from '../servers/postgres-storage.ts'
import { openSpied, type SpiedDatabase } from '../servers/spied-database.ts'
import { listsOf, readingsOfMuch } from './quarantine-lists.ts'
import { signInsOn } from './sign-ins-on.ts'

const NOW = 1_770_000_000
const MESSAGES = 100_000

let world: PostgresStorage
let storage: SpiedDatabase<AmavisTables>
let state: SpiedDatabase<StateTables>

/** Ten days of mail for 12,000 readers, with a digest and a release for each message. */
beforeAll(async () => {
  world = await createPostgresStorage(inject('postgres'))
  storage = openSpied<AmavisTables>(world.url, postgres)
  state = openSpied<StateTables>(world.url, postgres)
  {
    await using own = connect<StateTables>('state', world.url)
    await migrate(own)
  }
  await asPostgres(world.server, FILL, world.database)
})
afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
  await state?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

test('held mail of a window is found by its time', async () => {
  const filter = { localOnly: true, excludedKinds: ['virus'] as const }
  for (const to of [undefined, NOW - 300]) {
    const plan = await planOf(storage, () => heldMailBetween(storage.sql, filter, NOW - 960, to))
    expect(plan).toContain('msgs_idx_time_num')
    expect(plan).not.toContain('Seq Scan')
  }
  const isMuch = await planOf(storage, () => hasMoreMessagesSince(storage.sql, NOW - 960, 100))
  expect(isMuch).toContain('Index Only Scan using msgs_idx_time_num')
})

// With 500,000 messages this is also true of 500 at a time; 100,000 messages are read just as fast from end to end.
test('messages by key, 100 at a time or a single one, are found by mail_id', async () => {
  const rows = await heldMailBetween(storage.sql, { localOnly: true, excludedKinds: [] }, NOW - 3600 * 3)
  const items = rows.slice(0, 100).map(row => itemOf(itemFrom(row, row.recipient, NOW)))
  const [item] = items
  expect(items).toHaveLength(100)
  if (!item) return
  const byKey = await planOf(storage, () => findHeldMail(storage.sql, items))
  expect(byKey).toContain('msgrcpt_idx_mail_id')
  expect(byKey).not.toContain('Seq Scan')
  const byName = await planOf(storage, () => heldMailOfMessage(storage.sql, item.mailId))
  expect(byName).toContain('msgrcpt_idx_mail_id')
  expect(byName).not.toContain('Seq Scan')
  const { rseqnum, ...message } = item
  const works = [
    () => markReleased(storage.sql, item),
    () => changeStatus(storage.sql, item, 'none', 'D'),
    () => heldRowsOf(storage.sql, item),
    () => heldRowsOf(storage.sql, { ...message, rseqnum: undefined }),
  ]
  // Where amavis has two indexes that lead to a message, either will do.
  for (const work of works) expect(await planOf(storage, work)).not.toContain('Seq Scan')
})

test('the list of the quarantine reads what it has to, along amavis’s indexes', async () => {
  const deps = { storage: storage.sql, state, directory: addresses(''), clock: () => NOW * 1000 }
  for (const { viewer, search, indexes } of listsOf('reader77@example.com')) {
    const plan = await planOf(storage, () => listHeld(deps, viewer, search))
    for (const index of indexes) expect(plan).toMatch(index)
    // The 12,000 addresses are read as fast from end to end as 500 at a time.
    expect(plan).not.toMatch(/Seq Scan on (msgs|msgrcpt)/)
  }
})

test('much held mail is read and counted along the index of the time', async () => {
  for (const reading of await readingsOfMuch(storage.sql)) {
    const plan = await planOf(storage, reading)
    expect(plan).toContain('msgs_idx_time_num')
    expect(plan).not.toContain('Seq Scan')
  }
})

test('our own tables are read along an index', async () => {
  const due = { now: NOW * 1000, dueAt: NOW * 1000, readers: undefined, limit: 200 }
  const lease = { owner: 'me', until: NOW * 1000 + 1 }
  const first = ['reader1@example.com', 'reader2@example.com']
  const works: [string, () => Promise<unknown>][] = [
    ['digest_item_pending', () => pendingReaders(state).next()],
    ['digest_item_pending', () => waitingLots(state, { readers: 1000, items: 5000 }).next()],
    ['digest_item_pending', () => pendingItems(state, first)],
    ['digest_item_held', () => newMessages(state, heldRows(2))],
    ['digest_answer_pkey', () => readAnswers(state, 'source', first)],
    ['digest_digest_due', () => leaseDigests(state, lease, due)],
    ['digest_digest_reader', () => knownReaders(state).next()],
    ['digest_preference_zone', () => zonesInUse(state, 'UTC')],
    ['digest_digest_reader', () => earlierDigests(state, first, 0)],
    ['digest_item_pending', () => listedBefore(state, first, 0, 500)],
    ['digest_digest_reader', () => listedBefore(state, first.slice(0, 1), 0, 500)],
    ['digest_release_reader', () => releaseNews(state, first, 0)],
    ['digest_release_due', () => dueReleaseIds(state, NOW * 1000, 50)],
    // Few are open, so that either of two indexes will do.
    ['digest_bulk_', () => freeBulkIds(state, NOW * 1000, 8)],
    ['digest_bulk_', () => openBulksOf(state, 'somebody', NOW * 1000)],
    ['digest_bulk_row_key', () => waitingRows(state, 'list100')],
  ]
  for (const [index, work] of works) {
    const plan = await planOf(state, work)
    expect(plan).toContain(index)
    expect(plan).not.toContain('Seq Scan')
  }
})

/** Messages without items. */
const heldRows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    partitionTag: 0,
    mailId: `new-${index}`,
    rseqnum: 1,
    recipient: 'bob@example.com',
    content: 'S',
    timeNum: 1,
    messageId: '',
  }))

test('sign-ins are found by their hash, and by an address of either kind', async () => {
  const { byHash, byAddress } = signInsOn(state, NOW * 1000)
  for (const work of byHash) expect(await planOf(state, work)).toMatch(/^(?!.*Seq Scan).*_pkey/s)
  for (const work of byAddress)
    expect(await planOf(state, work)).toMatch(
      /^(?!.*Seq Scan on digest_s).*(?:digest_session_admin|digest_sign_in_admin)/s,
    )
})

test("the queries of the admins' pages are read along an index", async () => {
  const deps = { storage: storage.sql, state, directory: addresses(''), clock: () => NOW * 1000 }
  const works: [string, () => Promise<unknown>][] = [
    ['digest_digest_created', () => findDigests(deps, undefined, { limit: 50 })],
    ['digest_digest_created', () => findDigests(deps, undefined, { limit: 50, after: '99999.d1' })],
    [
      'digest_digest_reader',
      () => findDigests(deps, undefined, { limit: 50, reader: 'reader1@example.com' }),
    ],
    [
      'digest_digest_created',
      () => findDigests(deps, ['example.com'], { limit: 50, since: NOW * 1000 - DAY }),
    ],
    ['digest_item_reader', () => findReleases(deps, undefined, { limit: 50, reader: 'reader1@example.com' })],
    ['digest_item_reader', () => findReaders(deps, undefined, { limit: 50, search: 'reader7' })],
    ['digest_item_shared', () => overview(deps, undefined, 1, 'Europe/Paris')],
  ]
  for (const [index, work] of works) {
    const plan = await planOf(state, work)
    expect(plan).toContain(index)
    expect(plan).not.toMatch(/Seq Scan on digest_(?!run|preference)/)
  }
})

test('searches by domain or by part of an address find what they should', async () => {
  const deps = { storage: storage.sql, state, directory: addresses(''), clock: () => NOW * 1000 }
  const own = ['example.com']
  const found = await findReaders(deps, own, { limit: 3, search: '@example.com' })
  expect(found.rows.map(({ reader }) => reader)).toEqual([
    'reader0@example.com',
    'reader10000@example.com',
    'reader10001@example.com',
  ])
  const holding = await findReaders(deps, undefined, { limit: 3, search: '999@' })
  expect(holding.rows.map(({ reader }) => reader)).toContain('reader10999@example.com')
  expect((await findReaders(deps, ['example.org'], { limit: 3 })).rows).toEqual([])
  expect((await findDigests(deps, own, { limit: 3, since: 0 })).rows).toEqual([])
  expect((await findReleases(deps, own, { limit: 3, since: 0 })).rows).toHaveLength(3)
  expect(await clickFigures(deps, own, { days: 7 })).toEqual([])
  expect(await findAudit(deps, own, { limit: 3 })).toMatchObject({ rows: [] })
  expect(await schedulesUsers({ state }, undefined)).toEqual(new Map())
})

test('a purge reads amavis’s tables along its indexes, and deletes by keys', async () => {
  const before = NOW - 9 * 24 * 3600
  const page = await oldMessages(storage.sql, before, undefined, 100)
  const keys = page.map(({ partitionTag, mailId }) => ({ partitionTag, mailId }))
  const addresses = Array.from({ length: 200 }, (_, index) => 100 + index)
  const rows = await addressRows(addresses.slice(0, 20))
  const works: [string, () => Promise<unknown>][] = [
    ['msgs_idx_time_num', () => oldMessages(storage.sql, before, page.at(-1), 100)],
    ['msgs_idx_time_num', () => unfinishedMessages(storage.sql, before, before + 3600, 100)],
    ['maddr_pkey', () => highestAddressId(storage.sql)],
    ['msgrcpt_p', () => partsAfter(storage.sql, 'msgrcpt', { partitionTag: 7, mailId: '3' }, 200)],
    ['msgrcpt_idx_rid', () => addressesAfter(storage.sql, 100, 10_000, 200)],
    ['msgs_idx_sid', () => namingRows(storage.sql, addresses)],
    ['msgrcpt_idx_rid', () => namingRows(storage.sql, addresses)],
    ['msgs_p', () => deleteMessages(storage, keys)],
    ['quarantine_p', () => partsAfter(storage.sql, 'quarantine', { partitionTag: 7, mailId: '3' }, 200)],
    ['quarantine_p', () => deleteOrphans(storage, 'quarantine', keys)],
    ['msgrcpt_p', () => deleteOrphans(storage, 'msgrcpt', keys)],
    ['msgrcpt_idx_rid', () => deleteAddresses(storage, rows)],
    ['part_email', async () => putBack(storage, await takenOut(rows))],
  ]
  for (const [index, work] of works) {
    const plan = await planOf(storage, work)
    expect(plan).toContain(index)
    expect(plan).not.toContain('Seq Scan')
  }
})

const addressRows = async (ids: readonly number[]): Promise<Address[]> => {
  const query = storage.sql.selectFrom('maddr').select(['id', 'partition_tag', 'email', 'domain'])
  const rows = await query.where('id', 'in', ids).execute()
  return rows.map(row => ({ ...row, id: Number(row.id), partition_tag: Number(row.partition_tag) }))
}

async function takenOut(addresses: readonly Address[]): Promise<readonly Address[]> {
  await storage.sql
    .deleteFrom('maddr')
    .where(
      'id',
      'in',
      addresses.map(({ id }) => id),
    )
    .execute()
  return addresses
}

test('a purge finds our own rows about mail that is gone along an index', async () => {
  const longAgo = -20 * DAY
  await state.sql
    .updateTable('digest_item')
    .set({ mail_at: longAgo, collected_at: longAgo })
    .where('item_id', 'like', 'i1000_')
    .execute()
  await state.sql
    .updateTable('digest_release')
    .set({ requested_at: longAgo, next_attempt_at: null })
    .where('item_id', 'like', 'i1000_')
    .execute()
  await state.sql
    .updateTable('digest_digest')
    .set({ created_at: longAgo })
    .where('digest_id', 'like', 'd1000_')
    .execute()
  // Of everything, it keeps what is younger than the epoch.
  const own = { state, retention: retentionOf(30 * DAY), lifetime: 14 * DAY }
  const plan = await planOf(state, () => tidyOwnRows(own, 45 * DAY))
  for (const index of [
    // Both begin with the time of the mail.
    /digest_item_(?:mail|shared)/,
    /digest_release_requested/,
    /digest_digest_created/,
    /digest_item_pending/,
  ])
    expect(plan).toMatch(index)
  for (const table of ['digest_item', 'digest_release', 'digest_digest'])
    expect(plan).toMatch(new RegExp(`Delete on ${table} .*\\n.*(?:Index Scan|Bitmap Heap Scan)`))
  expect(plan).not.toMatch(/Seq Scan on digest_(?!deletion|lesson)/)
})

/** The server's plans for all statements of `work`, with the tables as they are now. */
async function planOf<Tables>(
  database: SpiedDatabase<Tables>,
  work: () => Promise<unknown>,
): Promise<string> {
  const before = database.statements.length
  await work()
  const plans: string[] = []
  for (const { sql, parameters } of database.statements.slice(before)) {
    if (!/^(select|update|delete)\b/i.test(sql)) continue
    const query = CompiledQuery.raw(`explain ${sql}`, [...parameters])
    const { rows } = await database.sql.executeQuery<{ 'QUERY PLAN': string }>(query)
    plans.push(rows.map(row => row['QUERY PLAN']).join('\n'))
  }
  return plans.join('\n')
}

const FILL = `
  INSERT INTO maddr (id, email, domain)
    SELECT n, convert_to('reader' || n || '@example.com', 'UTF8'), 'com.example' FROM generate_series(1, 12000) n;
  INSERT INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, size, content, quar_type, host)
    SELECT n % 53, convert_to(left(md5(n::text), 12), 'UTF8'), 's', '1', ${NOW} - (${MESSAGES} - n) * 8, now(),
      1 + n % 12000, 2000, CASE WHEN n % 5 < 2 THEN 'C' ELSE 'S' END, CASE WHEN n % 5 < 2 THEN ' ' ELSE 'Q' END, 'mx'
    FROM generate_series(1, ${MESSAGES}) n;
  INSERT INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, is_local, content, ds, rs)
    SELECT n % 53, convert_to(left(md5(n::text), 12), 'UTF8'), r, 1 + (n * r) % 12000, 'Y',
      CASE WHEN n % 5 < 2 THEN 'C' ELSE 'S' END, CASE WHEN n % 5 < 2 THEN 'P' ELSE 'D' END, ' '
    FROM generate_series(1, ${MESSAGES}) n, generate_series(1, 1 + (n % 5 = 2)::int) r;
  INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at, digest_id)
    SELECT 'i' || n, 0, 'm' || n, 1, 'r', 'reader' || n % 12000 || '@example.com', 'S', n, n,
      CASE WHEN n % 100 > 0 THEN 'd' || n END FROM generate_series(1, ${MESSAGES}) n;
  INSERT INTO digest_digest (digest_id, run_id, batch_id, reader, deliver_to, language, time_zone, item_count, state,
      created_at, attempts, next_attempt_at)
    SELECT 'd' || n, 'r', 'b' || n, 'reader' || n % 12000, 'r', 'en', 'UTC', 1, CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'sent' END,
      n, 1, n FROM generate_series(1, ${MESSAGES}) n;
  INSERT INTO digest_bulk (bulk_id, act, owner, viewer, confirmed, is_cut, created_at, finished_at)
    SELECT 'list' || n, 'delete', 'owner' || n % 900, '{}', 0, 0, ${NOW}000 - n, CASE WHEN n % 100 > 0 THEN n END
    FROM generate_series(1, 10000) n;
  INSERT INTO digest_bulk_row (bulk_id, position, ref, recipient, subject, status)
    SELECT 'list' || 100 * l, n, '0.any.1', 'r', 's', 'waiting' FROM generate_series(1, 20) l, generate_series(1, 1000) n;
  INSERT INTO digest_answer (address, source, answer, asked_at)
    SELECT 'reader' || n || '@example.com', 'source', '{"readers":[],"by":[]}', n FROM generate_series(1, 20000) n;
  INSERT INTO digest_watermark (name, value)
    SELECT 'unlisted/' || n, ${NOW} FROM generate_series(1, 5000) n;
  INSERT INTO digest_preference (scope, time_zone, version, updated_at)
    SELECT 'reader' || n || '@example.com', CASE WHEN n % 6 = 0 THEN 'Europe/Paris' END, 1, n FROM generate_series(1, 12000) n;
  INSERT INTO digest_release (item_id, state, claim_id, requested_by, requested_at, lease_until, attempts, next_attempt_at)
    SELECT 'i' || n, CASE WHEN n % 1000 = 0 THEN 'queued' ELSE 'released' END, 'c',
      'reader' || n % 12000 || '@example.com', 1, 1, 1, n
    FROM generate_series(1, ${MESSAGES}) n;
  INSERT INTO digest_sign_in (token_hash, kind, admin, browser_hash, created_at, expires_at, used_at)
    SELECT 'token-' || n, CASE WHEN n % 2 = 1 THEN 'reader' ELSE 'admin' END, 'reader' || n / 4 || '@example.com', 'b',
      ${NOW}000 - n, ${NOW}000 + n, CASE WHEN n % 4 < 2 THEN ${NOW}000 END FROM generate_series(1, 20000) n;
  INSERT INTO digest_session (session_hash, kind, admin, created_at, seen_at, expires_at)
    SELECT 'session-' || n, CASE WHEN n % 2 = 1 THEN 'reader' ELSE 'admin' END, 'reader' || n / 4 || '@example.com',
      ${NOW}000, ${NOW}000, ${NOW}000 + 86400000 FROM generate_series(1, 20000) n;
  INSERT INTO quarantine (partition_tag, mail_id, chunk_ind, mail_text)
    SELECT partition_tag, mail_id, 1, convert_to('x', 'UTF8') FROM msgs WHERE quar_type = 'Q';
  ANALYZE`

import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { DAY } from '../../src/ground/durations.ts'
import { MAX_COUNT, type StateFigures } from '../../src/ground/metrics/state-figures.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { stateFigures } from '../../src/work/stuck/state-figures.ts'
import { planOf } from '../servers/explain.ts'
import { openSpied, type SpiedDatabase } from '../servers/spied-database.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

const NOW = Date.now()
let world: Storage
let state: SpiedDatabase<StateTables>
let figures: StateFigures

/** Two years of digests and releases, most of which are finished. 150,000 messages wait. */
beforeAll(async () => {
  world = await createStorage(inject('mariaDb'))
  state = openSpied<StateTables>(world.url)
  await using own = connect<StateTables>('state', world.url)
  await migrate(own)
  await world.query(`INSERT INTO digest_digest (digest_id, run_id, batch_id, reader, deliver_to, language,
      time_zone, item_count, state, created_at, attempts, next_attempt_at)
    SELECT seq, 'run', 'batch', seq, seq, 'en', 'UTC', 1,
      IF(seq % 1000 = 0, 'pending', IF(seq % 1000 = 1, 'failed', 'sent')), ${NOW} - seq, 0, ${NOW} - seq
    FROM seq_1_to_200000`)
  await world.query(`INSERT INTO digest_release
      (item_id, state, claim_id, requested_by, requested_at, lease_until, attempts)
    SELECT seq, IF(seq % 1000 = 0, 'queued', 'released'), 'claim', seq, ${NOW}, ${NOW}, 1
    FROM seq_1_to_200000`)
  await world.query(`INSERT INTO digest_item
      (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at, digest_id)
    SELECT seq, 0, seq, 1, seq, seq, 'S', ${NOW}, ${NOW}, IF(seq % 4 = 0, 'digest', NULL)
    FROM seq_1_to_200000`)
  await world.query(`INSERT INTO digest_schedule
      (name, crons, time_zone, is_default, enabled, version, updated_at)
    VALUES ('daily', '[]', 'UTC', 1, 1, 1, ${NOW})`)
  await world.query(`INSERT INTO digest_run (run_id, schedule, due_at, started_at, finished_at)
    SELECT seq, 'daily', ${NOW} - seq * ${DAY}, ${NOW}, ${NOW} - seq * ${DAY} + 1000 FROM seq_1_to_700`)
  await world.query(`INSERT INTO digest_request (request_id, open_held_id, held_id, partition_tag, mail_id, rseqnum,
      recipient, domain, content, mail_at, state, asked_at, expires_at, marked, version)
    SELECT seq, IF(seq % 200 = 0, seq, NULL), seq, 0, seq, 1, 'a@example.com', 'example.com', 'B', ${NOW},
      IF(seq % 200 = 0, 'waiting', 'approved'), ${NOW} - seq, ${NOW}, 1, 1
    FROM seq_1_to_200000`)
  await world.query(
    'ANALYZE TABLE digest_item, digest_digest, digest_release, digest_run, digest_schedule, digest_request',
  )
  state.statements.length = 0
  figures = await stateFigures(state)
})

afterAll(async () => {
  await state?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

test('the figures are correct, and counting waiting items stops at a limit', () => {
  expect(figures).toEqual({
    digests: { pending: 200, failed: 200 },
    releases: { releasing: 0, queued: 200, failed: 0, uncertain: 0 },
    itemsWaiting: MAX_COUNT,
    unlisted: 0,
    requestsWaiting: 1000,
    oldestRequestAt: NOW - 200_000,
    oldestPendingAt: NOW - 200_000,
    runsFinishedAt: new Map([['daily', NOW - DAY + 1000]]),
  })
})

test('a scrape reads along indexes, and no rows of finished work', async () => {
  const plans = []
  for (const statement of state.statements) plans.push((await planOf(world, statement)) ?? [])
  const long = plans.flat().filter(({ table }) => table !== 'digest_schedule')
  expect(long.filter(step => step.readsAll || step.sorts)).toEqual([])
  expect(new Set(long.map(({ table, key }) => `${table}: ${key}`))).toEqual(
    new Set([
      'digest_digest: digest_digest_due',
      'digest_release: digest_release_due',
      'digest_request: digest_request_state',
      'digest_item: digest_item_pending',
      'digest_run: digest_run_due',
      'digest_watermark: PRIMARY',
    ]),
  )
})

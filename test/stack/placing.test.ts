import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { DAY, HOUR, MINUTE } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { newMessages } from '../../src/work/collect/known-messages.ts'
import { placeAnew } from '../../src/work/collect/place-anew.ts'
import { rememberAnswers } from '../../src/work/known-answers/known-answers.ts'
import { settingsWithoutReader } from '../../src/work/settings/settings-without-reader.ts'
import { tidy } from '../../src/work/tidy/tidy.ts'
import { planOf } from '../servers/explain.ts'
import { openSpied, type SpiedDatabase } from '../servers/spied-database.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'

const NOW = Date.now()
const READERS = 3000
const ANSWERS = 60_000
const LOG = pino({ level: 'silent' })

let world: MariaDbStorage
let state: SpiedDatabase<StateTables>
let now = NOW

/** A message waits for each reader, as many are in digests, and half as many have several readers. */
beforeAll(async () => {
  world = await createStorage(inject('mariaDb'))
  await using own = connect<StateTables>('state', world.url)
  await migrate(own)
  const columns =
    'item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at, digest_id, held_id'
  const waiting = "CONCAT('reader', seq, '@d', seq % 1000, '.example')"
  await world.query(`INSERT INTO digest_item (${columns})
    SELECT LEFT(MD5(CONCAT('w', seq)), 20), 0, CONCAT('w', seq), 1, ${waiting}, ${waiting}, 'S',
      ${NOW} - seq, ${NOW}, NULL, NULL FROM seq_1_to_${READERS}`)
  await world.query(`INSERT INTO digest_item (${columns})
    SELECT LEFT(MD5(CONCAT('l', seq)), 20), 0, CONCAT('l', seq), 1, ${waiting}, ${waiting}, 'S',
      ${NOW} - seq, ${NOW}, LEFT(MD5(CONCAT('d', seq)), 25), IF(seq % 2, LEFT(MD5(CONCAT('h', seq)), 20), NULL)
      FROM seq_1_to_${READERS}`)
  await world.query(`INSERT INTO digest_preference (scope, version, updated_at)
    SELECT ${waiting}, 1, ${NOW} FROM seq_1_to_${READERS / 2}`)
  // So many that no sample of its pages lets MariaDB read the whole table.
  await world.query(`INSERT INTO digest_answer (address, source, answer, asked_at)
    SELECT CONCAT('other', seq, '@example.com'), 'source-0', REPEAT('x', 200), ${NOW} FROM seq_1_to_${ANSWERS}`)
  await world.query('ANALYZE TABLE digest_item, digest_preference, digest_answer')
  state = openSpied<StateTables>(world.url)
})

afterAll(async () => {
  await state?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

test('all waiting messages are placed along indexes, some hundred readers at a time', async () => {
  await placeAnew(deps('source-1'))
  await world.query('ANALYZE TABLE digest_answer')
  const { statements, plans } = await watched(() => placeAnew(deps('source-1')))
  expect(new Set(plans)).toEqual(
    new Set(['digest_item: digest_item_pending', 'digest_answer: PRIMARY', 'digest_watermark: PRIMARY']),
  )
  expect(statements).toBeLessThan(10 * (READERS / 500))
})

test('messages that move are added and removed by their keys', async () => {
  const moved = (address: string) => (address.startsWith('reader77') ? 'bob@example.com' : address)
  const { plans } = await watched(() => placeAnew(deps('source-2', moved)))
  expect(plans).toContain('digest_item: PRIMARY')
  const rows = await world.query<{ reader: string }>(
    "SELECT reader FROM digest_item WHERE digest_id IS NULL AND recipient LIKE 'reader77%'",
  )
  expect(new Set(rows.map(({ reader }) => reader))).toEqual(new Set(['bob@example.com']))
})

test('whether messages have items is found by the two keys of items', async () => {
  const rows = Array.from({ length: 400 }, (_, index) => ({
    partitionTag: 0,
    mailId: `new-${index}`,
    rseqnum: 1,
    recipient: 'bob@example.com',
    content: 'S',
    timeNum: 1,
    messageId: '',
  }))
  const { plans } = await watched(() => newMessages(state, rows))
  expect(plans).toEqual(['digest_item: PRIMARY', 'digest_item: digest_item_held'])
})

test('old answers are found by their time, and settings of addresses by their key', async () => {
  const retention = retentionOf(900 * DAY)
  const inMonths = async () =>
    tidy({ state, clock: () => NOW + 90 * DAY, auditKeptFor: DAY, retention, lifetime: DAY })
  const { plans } = await watched(inMonths)
  expect(plans).toContain('digest_answer: digest_answer_asked')
  const settings = await watched(() =>
    settingsWithoutReader({ state, directory: deps('source-2').directory }),
  )
  expect(new Set(settings.plans)).toEqual(new Set(['digest_preference: PRIMARY', 'digest_answer: PRIMARY']))
})

/** As another process would have them that begins when the next placing is due. */
function deps(source: string, readerOf = (address: string) => address) {
  now += HOUR
  const directory = {
    async find(addresses: readonly string[]) {
      return new Map(
        addresses.map(address => {
          const reader = { address: readerOf(address), isOff: false, name: 'A Name', language: 'en' }
          const step = { is: 'mailbox', from: address, to: reader.address, row: 'mail_user 1' } as const
          return [address, { readers: [reader], by: [step] }]
        }),
      )
    },
  }
  const answers = rememberAnswers({ directory, source, state, clock: () => now, log: LOG })
  return {
    state,
    directory: answers.noOlderThan(5 * MINUTE),
    placing: { source, every: 5 * MINUTE, directory: answers.noOlderThan(0) },
    clock: () => now,
    log: LOG,
  }
}

/** The steps of the plans of all statements. None may read or sort a whole table. */
async function watched(work: () => Promise<unknown>) {
  const before = state.statements.length
  await work()
  const statements = state.statements.slice(before)
  const plans: string[] = []
  const seen = new Set<string>()
  for (const statement of statements) {
    if (seen.has(statement.sql)) continue
    seen.add(statement.sql)
    const steps = (await planOf(world, statement)) ?? []
    expect(steps.filter(({ readsAll, sorts }) => readsAll || sorts)).toEqual([])
    plans.push(...steps.map(({ table, key }) => `${table}: ${key}`))
  }
  return { statements: statements.length, plans }
}

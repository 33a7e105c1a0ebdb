import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { readinessChecks } from '../../src/composition/readiness-checks.ts'
import { putBack } from '../../src/ground/amavis/purge/addresses.ts'
import { quarantineSpan } from '../../src/ground/amavis/purge/quarantine-span.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { DAY, HOUR, MINUTE } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { takeLease } from '../../src/work/purge/lease.ts'
import { purge } from '../../src/work/purge/purge.ts'
import { hold } from '../embedded/held-mail.ts'
import { byClock, dryRun, fillQuarantine, forReal, purgeDeps, remains } from '../embedded/purging.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage, type Storage } from '../servers/storage.ts'
import { waitUntil } from '../servers/wait.ts'
import { createOn, DATABASES, type DatabaseKind, SERVERS } from './databases.ts'
import { readGuide } from './guide.ts'

const NOW = Date.now()

interface Opened {
  readonly world: Storage
  readonly storage: Database<AmavisTables>
  readonly state: Database<StateTables>
}

const shared = new Map<DatabaseKind, Opened>()

/** Databases that these tests share, because creating and migrating one takes a second. */
beforeAll(async () => {
  for (const kind of DATABASES) {
    const world = await createOn(kind)
    const state = connect<StateTables>('state', world.url)
    shared.set(kind, { world, storage: connect<AmavisTables>('storage', world.url), state })
    await migrate(state)
  }
})
afterAll(async () => {
  for (const { world, storage, state } of shared.values()) {
    await storage[Symbol.asyncDispose]()
    await state[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  }
})

/** amavis's tables and ours, empty, opened as the program opens them. */
async function openOn(kind: DatabaseKind): Promise<Opened> {
  const opened = shared.get(kind)
  if (!opened) throw new Error(`${kind} could not be opened`)
  for (const table of ['msgrcpt', 'quarantine', 'msgs', 'maddr', 'digest_watermark'])
    await opened.world.query(`DELETE FROM ${table}`)
  return opened
}

/** The same with amavis's tables in a database of their own, changed by `alter`. */
async function openAltered(kind: DatabaseKind, alter: readonly string[]): Promise<Opened> {
  const { state } = await openOn(kind)
  const world = await createOn(kind)
  onTestFinished(() => world[Symbol.asyncDispose]())
  for (const statement of alter) await world.query(statement)
  const storage = connect<AmavisTables>('storage', world.url)
  onTestFinished(() => storage[Symbol.asyncDispose]())
  return { world, storage, state }
}

/** As README.sql-mysql and README.sql-pg have it, and many a cron job. */
const REFERENCE = [
  `DELETE FROM msgs WHERE time_num < ${Math.floor((NOW - 30 * DAY) / 1000)}`,
  `DELETE FROM msgs WHERE time_num < ${Math.floor((NOW - HOUR) / 1000)} AND content IS NULL`,
  'DELETE FROM msgrcpt WHERE NOT EXISTS (SELECT 1 FROM msgs WHERE mail_id = msgrcpt.mail_id)',
  'DELETE FROM quarantine WHERE NOT EXISTS (SELECT 1 FROM msgs WHERE mail_id = quarantine.mail_id)',
  `DELETE FROM maddr WHERE NOT EXISTS (SELECT 1 FROM msgs WHERE sid = id)
    AND NOT EXISTS (SELECT 1 FROM msgrcpt WHERE rid = id)`,
]

const foreignKeys = (whenDeleted: string): readonly string[] => [
  ...['msgrcpt', 'quarantine'].map(
    table =>
      `ALTER TABLE ${table} ADD FOREIGN KEY (partition_tag, mail_id) REFERENCES msgs (partition_tag, mail_id) ON DELETE ${whenDeleted}`,
  ),
  'ALTER TABLE msgs ADD FOREIGN KEY (sid) REFERENCES maddr (id) ON DELETE RESTRICT',
  'ALTER TABLE msgrcpt ADD FOREIGN KEY (rid) REFERENCES maddr (id) ON DELETE RESTRICT',
]

describe.each(DATABASES)('on %s', kind => {
  test('leaves the same rows as the statements of amavisd’s README, and counts them before', async () => {
    const { world, storage, state } = await openOn(kind)
    await fillQuarantine(storage, NOW)
    for (const statement of REFERENCE) await world.query(statement)
    const expected = await remains(storage)
    expect(expected.msgs).toEqual(['0/at-work', '8/young', '9/young-too'])

    await openOn(kind)
    await fillQuarantine(storage, NOW)
    const before = await remains(storage)
    const counted = await purge(purgeDeps(storage, state), dryRun())
    expect(await remains(storage)).toEqual(before)
    const deleted = await purge(purgeDeps(storage, state), forReal())
    expect(await remains(storage)).toEqual(expected)
    expect(deleted).toMatchObject({
      msgs: before.msgs.length - expected.msgs.length,
      msgrcpt: before.msgrcpt.length - expected.msgrcpt.length,
      quarantine: before.quarantine.length - expected.quarantine.length,
      maddr: before.maddr.length - expected.maddr.length,
      kinds: { spam: { msgs: 4 }, virus: { msgs: 3 }, other: { msgs: 2 }, unfinished: { msgs: 2 } },
    })
    expect(counted).toEqual(deleted)
    expect(await purge(purgeDeps(storage, state), forReal())).toMatchObject({ msgs: 0, msgrcpt: 0, maddr: 0 })
  })

  test('tells how far back the quarantine goes', async () => {
    const { storage } = await openOn(kind)
    expect(await quarantineSpan(storage.sql, NOW)).toEqual({ oldestAt: undefined, messages: 0 })
    await fillQuarantine(storage, NOW)
    const span = await quarantineSpan(storage.sql, NOW)
    expect(span.oldestAt).toBe(Math.floor((NOW - 40 * DAY) / 1000) * 1000)
    expect(span.messages).toBe(3 * 40)
  })

  test('an address that new mail names after all is put back under its id', async () => {
    const { storage } = await openOn(kind)
    await hold(storage, { recipient: 'back@example.com', receivedAt: NOW })
    const rows = await storage.sql
      .selectFrom('maddr')
      .select(['id', 'partition_tag', 'email', 'domain'])
      .execute()
    const unused = { id: 99, partition_tag: 0, email: 'unused@example.com', domain: 'com.example' }
    await storage.sql.deleteFrom('maddr').execute()
    const addresses = rows.map(row => ({ ...row, id: Number(row.id) }))
    expect(await putBack(storage, [...addresses, unused])).toEqual({ back: 2, taken: 0 })
    expect((await remains(storage)).maddr).toEqual(['0/back@example.com', '0/sam@sender.example.net'])
    expect(await putBack(storage, addresses)).toEqual({ back: 0, taken: 0 })
  })
})

describe.each(SERVERS)('on %s', kind => {
  test('foreign keys change nothing, whether they delete what belongs to a message or forbid it', async () => {
    const plain = await openOn(kind)
    await fillQuarantine(plain.storage, NOW)
    const without = await purge(purgeDeps(plain.storage, plain.state), forReal())
    const expected = await remains(plain.storage)
    for (const whenDeleted of ['CASCADE', 'RESTRICT']) {
      const { world, storage, state } = await openAltered(kind, [])
      await fillQuarantine(storage, NOW)
      for (const table of ['msgrcpt', 'quarantine'])
        await world.query(
          `DELETE FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM msgs WHERE msgs.mail_id = ${table}.mail_id)`,
        )
      for (const key of foreignKeys(whenDeleted)) await world.query(key)
      const withKeys = await purge(purgeDeps(storage, state), forReal())
      expect(await remains(storage)).toEqual(expected)
      // The orphans, which the keys forbid: one recipient and one text.
      expect(withKeys).toMatchObject({
        msgs: without.msgs,
        msgrcpt: without.msgrcpt - 1,
        quarantine: without.quarantine - 1,
      })
    }
  })

  test('two at once: the other one says so and does nothing', async () => {
    const { storage, state } = await openOn(kind)
    await fillQuarantine(storage, NOW)
    await using lease = await heldLease(state)
    expect(await purge(purgeDeps(storage, state), byClock())).toMatchObject({ isElsewhere: true, msgs: 0 })
    await lease.end()
    const both = await Promise.all([0, 1].map(() => purge(purgeDeps(storage, state), byClock())))
    expect(both.map(({ isElsewhere }) => isElsewhere).sort()).toEqual([false, true])
  })

  test('a process that died while purging holds up the next for half a minute, and nothing is lost', async () => {
    const { storage, state } = await openOn(kind)
    await fillQuarantine(storage, NOW)
    await takeLease(state, () => NOW)
    const stopped = new AbortController()
    stopped.abort()
    const later = { clock: () => Date.now() + 4 * MINUTE }
    expect(
      await purge(purgeDeps(storage, state, later), { ...forReal(), signal: stopped.signal }),
    ).toMatchObject({
      isPartial: true,
      msgs: 0,
    })
    expect(await purge(purgeDeps(storage, state, later), forReal())).toMatchObject({
      isPartial: false,
      msgs: 11,
    })
  })

  test('a clock that is a day ahead deletes nothing', async () => {
    const { storage, state } = await openOn(kind)
    await fillQuarantine(storage, NOW)
    const before = await remains(storage)
    const ahead = purgeDeps(storage, state, { clock: () => Date.now() + DAY })
    await expect(purge(ahead, forReal())).rejects.toMatchObject({ code: 'CLOCK_WRONG' })
    expect(await remains(storage)).toEqual(before)
  })

  test('amavisd stores mail meanwhile, and all of it is there afterwards', async () => {
    const { storage, state } = await openOn(kind)
    const old = Array.from({ length: 200 }, (_, index) => ({
      recipient: `reader${index % 40}@example.com`,
      receivedAt: NOW - 40 * DAY - index * MINUTE,
    }))
    await hold(storage, ...old, { recipient: 'newest@example.com', receivedAt: NOW - 2 * HOUR })
    let isOver = false
    const store = async (writer: number) => {
      const keys = []
      for (let index = 0; !isOver || index < 20; index += 1) {
        const recipient = `reader${(index * 7 + writer) % 40}@example.com`
        keys.push(...(await hold(storage, { recipient, receivedAt: Date.now() })))
      }
      return keys
    }
    const writers = [store(0), store(1)]
    const result = await purge(purgeDeps(storage, state, { batch: 20 }), forReal())
    isOver = true
    const keys = (await Promise.all(writers)).flat()
    expect(result.msgs).toBe(200)
    const rows = await storage.sql
      .selectFrom('msgrcpt')
      .innerJoin('msgs', join =>
        join
          .onRef('msgs.mail_id', '=', 'msgrcpt.mail_id')
          .onRef('msgs.partition_tag', '=', 'msgrcpt.partition_tag'),
      )
      .select('msgrcpt.rid')
      .execute()
    expect(rows).toHaveLength(keys.length + 1)
  })
})

test('the statements of a cron job leave the same, but for mail without a content and for unused addresses', async () => {
  const cronJob = readGuide('moving').block('sql', 'DELETE FROM msgs')
  const statements = cronJob.split(';').filter(statement => statement.trim() !== '')
  expect(statements).toHaveLength(3)
  const { world, storage, state } = await openOn('mariadb')
  await fillQuarantine(storage, NOW)
  const { maddr } = await remains(storage)
  for (const statement of statements) await world.query(statement)
  const byCronJob = await remains(storage)
  expect(byCronJob.msgs).toEqual(['0/at-work', '0/lost', '9/young-too'])

  await openOn('mariadb')
  await fillQuarantine(storage, NOW)
  const retention = retentionOf(21 * DAY)
  const terms = { retention, released: undefined, deleted: undefined }
  await purge(purgeDeps(storage, state, { retention, terms }), forReal())
  const { msgs, msgrcpt, quarantine, maddr: named } = await remains(storage)
  const without = (rows: readonly string[]) => rows.filter(row => !/^0\/lost(?:\/|$)/.test(row))
  expect({ msgs, msgrcpt, quarantine }).toEqual({
    msgs: without(byCronJob.msgs),
    msgrcpt: without(byCronJob.msgrcpt),
    quarantine: without(byCronJob.quarantine),
  })
  expect(byCronJob.maddr).toEqual(maddr)
  expect(named).toEqual([
    '0/at-work@example.com',
    '0/sam@sender.example.net',
    '9/sam@sender.example.net',
    '9/young@example.com',
  ])
})

test('tables of MariaDB that are partitioned by the tag are purged partition by partition', async () => {
  const divide = ['msgs', 'msgrcpt', 'quarantine'].map(
    table =>
      `ALTER TABLE ${table} PARTITION BY LIST (partition_tag) (${[0, 7, 8, 9].map(tag => `PARTITION p${tag} VALUES IN (${tag})`).join()})`,
  )
  const { storage, state, world } = await openAltered('mariadb', divide)
  await fillQuarantine(storage, NOW)
  const plan = await world.query<{ partitions: string }>(
    "EXPLAIN PARTITIONS DELETE FROM quarantine WHERE partition_tag = 8 AND mail_id IN ('old-0', 'old-2')",
  )
  expect(plan[0]?.partitions).toBe('p8')
  expect(await purge(purgeDeps(storage, state), forReal())).toMatchObject({ msgs: 11, quarantine: 6 })
  expect((await remains(storage)).msgs).toEqual(['0/at-work', '8/young', '9/young-too'])
})

test('tables of PostgreSQL that are partitioned by the tag are purged too', async () => {
  const divide = ['msgs', 'msgrcpt', 'quarantine'].flatMap(table => [
    `ALTER TABLE ${table} RENAME TO plain_${table}`,
    `CREATE TABLE ${table} (LIKE plain_${table} INCLUDING ALL) PARTITION BY LIST (partition_tag)`,
    ...[0, 7, 8, 9].map(tag => `CREATE TABLE ${table}_${tag} PARTITION OF ${table} FOR VALUES IN (${tag})`),
  ])
  const { storage, state } = await openAltered('postgres', divide)
  await fillQuarantine(storage, NOW)
  expect(await purge(purgeDeps(storage, state), forReal())).toMatchObject({ msgs: 11, quarantine: 6 })
  expect((await remains(storage)).msgs).toEqual(['0/at-work', '8/young', '9/young-too'])
})

test('without its rights on MariaDB it deletes nothing, and names the GRANTs that suffice', async () => {
  await using world = await createStorage(inject('mariaDb'))
  const { server, database, user } = world
  await using state = connect<StateTables>('state', world.url)
  await migrate(state)
  await using storage = connect<AmavisTables>('storage', world.url)
  await fillQuarantine(storage, NOW)
  const account = `'${user}'@'127.0.0.1'`
  await asRoot(server, `REVOKE ALL ON ${database}.* FROM ${account}`)
  const tables = [
    'digest_item',
    'digest_digest',
    'digest_release',
    'digest_deletion',
    'digest_lesson',
    'digest_watermark',
  ]
  for (const table of tables) await asRoot(server, `GRANT ALL ON ${database}.${table} TO ${account}`)
  for (const table of ['maddr', 'msgs', 'msgrcpt'])
    await asRoot(server, `GRANT SELECT ON ${database}.${table} TO ${account}`)
  await asRoot(server, `GRANT UPDATE (rs) ON ${database}.msgrcpt TO ${account}`)
  await using poor = connect<AmavisTables>('storage', world.url)
  await using own = connect<StateTables>('state', world.url)
  await expect(provenRights(poor, own)).rejects.toMatchObject({ code: 'DATABASE_GRANT_MISSING' })
  const error = await purge(purgeDeps(poor, own), forReal()).catch((failure: unknown) => failure)
  expect(error).toMatchObject({ code: 'DATABASE_GRANT_MISSING' })
  await grantAll(String(error), statement => asRoot(server, statement))
  expect(await provenRights(poor, own)).toEqual(['ok'])
  expect(await purge(purgeDeps(poor, own), forReal())).toMatchObject({ msgs: 11 })
})

test('without its rights on PostgreSQL it deletes nothing, and names the GRANTs that suffice', async () => {
  await using world = await createPostgresStorage(inject('postgres'))
  const { server, database, user } = world
  await using state = connect<StateTables>('state', world.url)
  await migrate(state)
  await using storage = connect<AmavisTables>('storage', world.url)
  await fillQuarantine(storage, NOW)
  const admin = (statement: string) => asPostgres(server, statement, database)
  for (const table of ['maddr', 'msgs', 'msgrcpt', 'quarantine']) {
    await admin(`ALTER TABLE ${table} OWNER TO postgres`)
    if (table !== 'quarantine') await admin(`GRANT SELECT ON ${table} TO ${user}`)
  }
  const error = await purge(purgeDeps(storage, state), forReal()).catch((failure: unknown) => failure)
  expect(error).toMatchObject({ code: 'DATABASE_GRANT_MISSING' })
  await grantAll(String(error), admin)
  expect(await purge(purgeDeps(storage, state), forReal())).toMatchObject({ msgs: 11 })
})

test('a server that takes no changes is named', async () => {
  const { storage, state, world } = await openAltered('postgres', [])
  await fillQuarantine(storage, NOW)
  await world.query(`ALTER ROLE ${world.user} SET default_transaction_read_only = on`)
  await using replica = connect<AmavisTables>('storage', world.url)
  await expect(purge(purgeDeps(replica, state), forReal())).rejects.toMatchObject({
    code: 'DATABASE_READ_ONLY',
  })
})

/** What doctor and /readyz say of the user's rights when `purge.enabled` is true. */
async function provenRights(storage: Database<AmavisTables>, state: Database<StateTables>) {
  const queue = () => Promise.reject(new Error('no queue'))
  const lostKeys = { requireNone: async () => undefined }
  const checks = readinessChecks({ storage, state, queue, lostKeys, purges: true })
  return (await checks.storage.run(AbortSignal.timeout(10_000))).map(({ status }) => status)
}

test('a process that is killed in the middle leaves no message without its parts, and the next goes on', async () => {
  const { storage, state, world } = await openOn('mariadb')
  await fillQuarantine(storage, NOW)
  const old = Array.from({ length: 2000 }, (_, index) => ({
    recipient: 'reader@example.com',
    mailId: `many-${index}`,
    receivedAt: NOW - 40 * DAY,
  }))
  await hold(storage, ...old)
  await world.query(`INSERT INTO quarantine (partition_tag, mail_id, chunk_ind, mail_text)
    SELECT partition_tag, mail_id, 1, 'x' FROM msgs WHERE mail_id LIKE 'many-%'`)
  const child = spawn(process.execPath, [PURGE_IN_A_PROCESS, world.url], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  await waitUntil('half of it to be deleted', async () => (await countMany(world)).msgs < 1500)
  child.kill('SIGKILL')
  await ended
  const { msgs, msgrcpt, quarantine } = await countMany(world)
  expect(msgs).toBeGreaterThan(0)
  expect({ msgrcpt, quarantine }).toEqual({ msgrcpt: msgs, quarantine: msgs })
  expect(await purge(purgeDeps(storage, state), byClock())).toMatchObject({ isElsewhere: true })
  const later = purgeDeps(storage, state, { batch: 200, clock: () => Date.now() + 3 * MINUTE })
  expect(await purge(later, forReal())).toMatchObject({ isPartial: false, isElsewhere: false })
  expect((await remains(storage)).msgs).toEqual(['0/at-work', '8/young', '9/young-too'])
})

const PURGE_IN_A_PROCESS = fileURLToPath(new URL('purge-process.ts', import.meta.url))

async function countMany(world: Storage) {
  const counts = ['msgs', 'msgrcpt', 'quarantine'].map(
    table => `(SELECT COUNT(*) FROM ${table} WHERE mail_id LIKE 'many-%') AS ${table}`,
  )
  const [row] = await world.query<{ msgs: number; msgrcpt: number; quarantine: number }>(
    `SELECT ${counts.join()}`,
  )
  if (!row) throw new Error('no counts')
  return row
}

async function heldLease(state: Parameters<typeof takeLease>[0]) {
  const lease = await takeLease(state, Date.now)
  if (!lease) throw new Error('another process has it')
  return { end: lease.end, [Symbol.asyncDispose]: lease.end }
}

async function grantAll(message: string, run: (statement: string) => Promise<unknown>): Promise<void> {
  const grants = message.match(/GRANT [^;]+;/g) ?? []
  expect(grants.length).toBeGreaterThan(2)
  for (const grant of grants) await run(grant)
}

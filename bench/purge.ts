import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { retentionOf } from '../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import type { Database } from '../src/ground/database/database.ts'
import { DAY, SECOND } from '../src/ground/durations.ts'
import { migrate } from '../src/ground/state/migrate.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { purge } from '../src/work/purge/purge.ts'
import { startMariaDb } from '../test/servers/mariadb.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { createPostgresStorage } from '../test/servers/postgres-storage.ts'
import { createStorage, type Storage } from '../test/servers/storage.ts'
import { plansOf } from './plans-of.ts'

/**
 * How long amavisd's inserts take without and with a purge, and how many rows a second it deletes at three batch sizes.
 * To be started as `node bench/purge.ts mariadb|postgres [MESSAGES] [SECONDS]`. Each message has one recipient and one
 * chunk of 500 octets. PAUSE is `purge.pause`. First it prints the plan of each statement of a whole pass over the
 * oldest day, and ends with 1 if one of them reads a whole table.
 */
const [, , named = 'mariadb', messages = '2000000', seconds = '20'] = process.argv
const kind = named === 'postgres' ? named : 'mariadb'
const ROUNDS = 3

await using stack = new AsyncDisposableStack()
const world = await createWorld()
await fill(world, Number(messages))
await using storage = connect<AmavisTables>('storage', world.url)
await using state = connect<StateTables>('state', world.url)
await migrate(state)

await sayPlans()

const span = Number(seconds) * SECOND
/** Milliseconds each message took, by what ran beside it. Each batch alternates with its reference. */
const taken: Record<string, number[]> = {
  'without a purge': [],
  'batch 50': [],
  'batch 200': [],
  'batch 1000': [],
}
const speeds: Record<string, number[]> = {}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const batch of [50, 200, 1000]) {
    taken['without a purge']?.push(...(await latencies(storage, wait(span / 3))))
    const { took, rowsPerSecond } = await besidePurge(batch)
    taken[`batch ${batch}`]?.push(...took)
    speeds[`batch ${batch}`] = [...(speeds[`batch ${batch}`] ?? []), rowsPerSecond]
  }
}
say(kind, messages, 'messages,', ROUNDS, 'rounds of', seconds, 's')
for (const [name, took] of Object.entries(taken)) {
  say(name.padEnd(16), quantiles(took), speeds[name] ? `rows/s ${speeds[name].join(' ')}` : '')
}

/** The plan of each statement of one whole pass, which finds the oldest day. */
async function sayPlans(): Promise<void> {
  const request = {
    isDryRun: false,
    byClock: false,
    signal: new AbortController().signal,
    olderThan: 90 * DAY,
  }
  const plans = await plansOf(world.url, kind, (spiedStorage, spiedState) =>
    purge({ ...deps(spiedStorage, spiedState, 200), pause: 0 }, request),
  )
  for (const { statement, steps, readsAll } of plans)
    say(readsAll ? 'READS ALL:' : '', statement, '\n   ', steps.join('\n    '))
  const bad = plans.filter(({ readsAll }) => readsAll).length
  say(`${plans.length} kinds of statements; ${bad} read a whole table`)
  if (bad > 0) process.exitCode = 1
}

async function besidePurge(batch: number): Promise<{ took: readonly number[]; rowsPerSecond: number }> {
  const begun = performance.now()
  const stop = AbortSignal.timeout(span)
  const purging = purge(deps(storage, state, batch), { isDryRun: false, byClock: true, signal: stop })
  const took = await latencies(storage, purging)
  const { msgs, msgrcpt, quarantine } = await purging
  const lasted = (performance.now() - begun) / SECOND
  return { took, rowsPerSecond: Math.round((msgs + msgrcpt + quarantine) / lasted) }
}

function quantiles(took: readonly number[]): string {
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms  p90 ${at(0.9)} ms  p99 ${at(0.99)} ms  of ${took.length}`
}

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}

async function createWorld(): Promise<Storage> {
  if (kind === 'postgres') {
    return stack.use(await createPostgresStorage(stack.use(await startPostgres())))
  }
  return stack.use(await createStorage(stack.use(await startMariaDb(['--innodb-buffer-pool-size=512M']))))
}

function deps(storage: Database<AmavisTables>, state: Database<StateTables>, batch: number) {
  const retention = retentionOf(30 * DAY)
  return {
    storage,
    state,
    clock: Date.now,
    log: pino({ level: 'silent' }),
    retention,
    lifetime: 14 * DAY,
    terms: { retention, released: undefined, deleted: undefined },
    batch,
    pause: Number(process.env.PAUSE ?? 3),
  }
}

/** Stores a message every 20 ms as amavisd does, while the work goes on. */
async function latencies(
  storage: Database<AmavisTables>,
  work: Promise<unknown>,
): Promise<readonly number[]> {
  let isOver = false
  void work.finally(() => {
    isOver = true
  })
  const took: number[] = []
  for (let index = 0; !isOver; index += 1) {
    const begun = performance.now()
    await storeMessage(storage, index)
    took.push(performance.now() - begun)
    await wait(20)
  }
  await work
  return took
}

/** amavisd's statements: addresses and a first row by themselves, then the text, then recipients and the rest. */
async function storeMessage({ sql, dialect }: Database<AmavisTables>, index: number): Promise<void> {
  const mailId = `${Date.now().toString(36)}${index.toString(36)}`.slice(0, 12)
  const [sid, rid] = [
    await addressId(`sender${index}-${mailId}@example.net`),
    await addressId(`reader${index % 500}@example.com`),
  ]
  const message = {
    partition_tag: 0,
    mail_id: mailId,
    secret_id: mailId,
    am_id: '1',
    time_num: Math.floor(Date.now() / SECOND),
    time_iso: kind === 'mariadb' ? '20260101T000000Z' : new Date(),
    sid,
    policy: '',
    client_addr: '',
    size: 2000,
    originating: 'N',
    content: null,
    quar_type: null,
    quar_loc: '',
    dsn_sent: null,
    spam_level: null,
    message_id: '',
    from_addr: '',
    subject: '',
    host: 'mx',
  } as const
  await sql
    .insertInto('msgs')
    .values(message as never)
    .execute()
  const chunk = { partition_tag: 0, mail_id: mailId, chunk_ind: 1, mail_text: Buffer.alloc(2000, 'x') }
  await sql.transaction().execute(transaction => transaction.insertInto('quarantine').values(chunk).execute())
  await sql.transaction().execute(async transaction => {
    const recipient = {
      partition_tag: 0,
      mail_id: mailId,
      rseqnum: 1,
      rid,
      is_local: 'Y',
      content: 'S',
      ds: 'D',
      rs: ' ',
    }
    await transaction
      .insertInto('msgrcpt')
      .values(recipient as never)
      .execute()
    await transaction
      .updateTable('msgs')
      .set({ content: 'S', quar_type: 'Q' })
      .where('partition_tag', '=', 0)
      .where('mail_id', '=', mailId)
      .execute()
  })

  async function addressId(email: string): Promise<number> {
    const find = () =>
      sql
        .selectFrom('maddr')
        .select('id')
        .where('partition_tag', '=', 0)
        .where('email', '=', email)
        .executeTakeFirst()
    const found = await find()
    if (found) return found.id
    const insert = sql.insertInto('maddr').values({ partition_tag: 0, email, domain: 'd' } as never)
    await dialect.insertNew(insert, ['partition_tag', 'email']).execute()
    return (await find())?.id ?? 0
  }
}

/** Mail of 60 days before the last 31. */
async function fill(world: Storage, count: number): Promise<void> {
  const until = Math.floor((Date.now() - 31 * DAY) / SECOND)
  const [series, id, text, iso] =
    kind === 'mariadb'
      ? [
          `(SELECT seq AS n FROM seq_1_to_${count}) s`,
          'LEFT(SHA1(n), 16)',
          "REPEAT('x', 500)",
          "'20260101T000000Z'",
        ]
      : [
          `generate_series(1, ${count}) n`,
          'substr(md5(n::text), 1, 16)::bytea',
          "repeat('x', 500)::bytea",
          'now()',
        ]
  const concat = (prefix: string) =>
    kind === 'mariadb' ? `CONCAT('${prefix}', n)` : `('${prefix}' || n)::bytea`
  const addresses = series.replace(String(count), String(100_000))
  await world.query(
    `INSERT INTO maddr (partition_tag, email, domain) SELECT 0, ${concat('old')}, 'd' FROM ${addresses}`,
  )
  await world.query(`INSERT INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, size, content, quar_type, host)
    SELECT 0, ${id}, ${id}, '1', ${until} - MOD(n, 5184000), ${iso}, 1 + MOD(n, 50000), 2000, 'S', 'Q', 'mx' FROM ${series}`)
  await world.query(`INSERT INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, content, ds, rs)
    SELECT 0, ${id}, 1, 50001 + MOD(n, 50000), 'S', 'D', ' ' FROM ${series}`)
  await world.query(
    `INSERT INTO quarantine (partition_tag, mail_id, chunk_ind, mail_text) SELECT 0, ${id}, 1, ${text} FROM ${series}`,
  )
  await world.query(kind === 'mariadb' ? 'ANALYZE TABLE maddr, msgs, msgrcpt, quarantine' : 'ANALYZE')
}

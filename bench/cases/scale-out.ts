import { setTimeout as wait } from 'node:timers/promises'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import type { ConfigInput } from '../../src/ground/config/schema.ts'
import { createLog } from '../../src/ground/log.ts'
import type { Child } from '../../test/servers/child.ts'
import { asRoot } from '../../test/servers/mariadb.ts'
import { type RedisServer, startRedis } from '../../test/servers/redis.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { waitUntil } from '../../test/servers/wait.ts'
import { createProgram, type Program } from '../../test/stack/program.ts'
import { buildProgram, spawnBuilt } from '../built-program.ts'
import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { fillEvenly } from '../fill-evenly.ts'
import { PARTS } from '../model.ts'
import { cpuOfProcess } from '../process-figures.ts'
import { startRedisFigures } from '../redis-figures.ts'
import { statementsOf } from '../server-figures.ts'
import { startDatabase } from '../servers.ts'
import { type SlowSink, startSlowSink } from '../slow-sink.ts'

/**
 * Digests that wait in MariaDB are sent by one, two and four workers, which get their jobs through Redis, to an SMTP
 * server that takes 20 ms for a mail. Each worker has as many digests to send and as many connections, whatever their
 * number. The reference for the queue is `serve` that delivers by itself.
 */
export const scaleOut: BenchCase = {
  name: 'scale-out',
  title: 'Several workers, and an SMTP server that takes 20 ms for a mail',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    buildProgram()
    const each = quick ? 100 : 1_000
    const world = await startWorld(stack, 4 * each)
    const { alone, one, two, four } = await inTurns(quick ? 1 : rounds, {
      alone: () => world.send(each, 0),
      one: () => world.send(each, 1),
      two: () => world.send(2 * each, 2),
      four: () => world.send(4 * each, 4),
    })
    const values = one.map(speed)
    yield figure(`one worker, ${CONNECTIONS} connections`, 'digests/s', values)
    for (const [what, runs, atLeast] of [
      ['two workers', two, 1.8],
      ['four workers', four, 3.5],
    ] as const) {
      const other = { what: 'one worker', values }
      yield comparison(what, 'digests/s', runs.map(speed), other, { of: 'ratio', atLeast })
    }
    const byItself = { what: 'serve by itself', values: alone.map(cpu) }
    yield comparison('CPU of serve and one worker for each', 'ms', one.map(cpu), byItself)
    const overhead = one.map((run, round) => cpu(run) - (byItself.values[round] ?? Number.NaN))
    yield figure('what the queue costs of it', 'ms', overhead, { of: 'ours', atMost: 0.15 })
    yield figure(PARTS.redisCpu.what, 'ms', one.map(perDigest('redisCpu')))
    yield figure(PARTS.redisCommands.what, '', one.map(perDigest('commands')))
    yield figure('SQL statements for each', '', one.map(perDigest('statements')))
    yield figure('SQL statements for each, serve by itself', '', alone.map(perDigest('statements')))
  },
}

/** How long the SMTP server takes for a mail, in milliseconds. */
const LATENCY = 20

/** For each worker: so few that two cores suffice for four workers, their servers and the sink. */
const CONNECTIONS = 2

interface Sent {
  readonly digests: number
  /** Milliseconds from the first mail to the last. */
  readonly time: number
  /** Milliseconds of CPU of all our processes. */
  readonly cpu: number
  readonly redisCpu: number
  readonly commands: number
  readonly statements: number
}

const speed = ({ digests, time }: Sent): number => (digests / time) * 1000
const cpu = (sent: Sent): number => perDigest('cpu')(sent)
const perDigest =
  (what: Exclude<keyof Sent, 'digests'>) =>
  (sent: Sent): number =>
    sent[what] / sent.digests

/** @param most how many digests are made; each of five messages */
async function startWorld(stack: AsyncDisposableStack, most: number) {
  const database = await startDatabase(stack)
  await fillEvenly(database, { readers: most, messages: 5 })
  const redis = stack.use(await startRedis())
  const sink = await startSlowSink(stack, LATENCY)
  await makeDigests(database, sink)
  return {
    /** Sends so many digests by so many workers; 0: `serve` delivers by itself. */
    send: async (digests: number, workers: number): Promise<Sent> => {
      await restoreDigests(database, digests)
      using program = await programFor(database, sink, {
        queue: workers === 0 ? { kind: 'in-process' } : { kind: 'redis', url: redis.url },
        delivery: { connections: CONNECTIONS * Math.max(1, workers) },
      })
      await using processes = await startProcesses(program, workers)
      return await figuresOf(digests, { database, redis, sink, processes })
    },
  }
}

const programFor = (
  database: MariaDbStorage,
  sink: SlowSink,
  settings: Partial<ConfigInput>,
): Promise<Program> =>
  createProgram({
    storage: { url: database.url },
    smtp: { url: `smtp://127.0.0.1:${sink.port}`, from: 'Mail quarantine <quarantine@example.com>' },
    ...settings,
  })

/** Leaves all digests as rows that wait, in a table beside. */
async function makeDigests(database: MariaDbStorage, sink: SlowSink): Promise<void> {
  using program = await programFor(database, sink, {})
  const log = createLog('warn')
  await using app = await createApp(loadConfig(program.configFile, {}), { log, clock: Date.now })
  await app.prepare()
  await app.run({ schedule: undefined, readers: undefined, dueAt: Date.now() })
  await asRoot(
    database.server,
    'CREATE TABLE kept_digests LIKE digest_digest; INSERT INTO kept_digests SELECT * FROM digest_digest',
    database.database,
  )
}

/** They are not due yet, so that all processes can start first. */
const restoreDigests = (database: MariaDbStorage, digests: number): Promise<unknown> =>
  asRoot(
    database.server,
    `TRUNCATE digest_digest;
     INSERT INTO digest_digest SELECT * FROM kept_digests ORDER BY digest_id LIMIT ${digests};
     UPDATE digest_digest SET next_attempt_at = next_attempt_at + 3600000;
     ANALYZE TABLE digest_item, digest_digest`,
    database.database,
  )

interface Processes extends AsyncDisposable {
  /** Milliseconds of CPU of all of them so far. */
  cpu(): number
}

async function startProcesses(program: Program, workers: number): Promise<Processes> {
  const commands = ['serve', ...Array.from({ length: workers }, () => 'worker')]
  const children = commands.map(command => spawnBuilt(program, [command]))
  await Promise.all(children.map(untilReady))
  return {
    cpu: () => children.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0),
    // All is sent: to end in order would take each of them two seconds.
    [Symbol.asyncDispose]: async () => void (await Promise.all(children.map(child => child.kill()))),
  }
}

/** With the work of its start done, which is not what is measured. */
async function untilReady(child: Child): Promise<void> {
  await child.whileAlive(waitUntil('a process', () => child.output().includes('"msg":"ready"')))
  await wait(1_000)
}

async function figuresOf(
  digests: number,
  {
    database,
    redis,
    sink,
    processes,
  }: {
    readonly database: MariaDbStorage
    readonly redis: RedisServer
    readonly sink: SlowSink
    readonly processes: Processes
  },
): Promise<Sent> {
  await using redisFigures = startRedisFigures(redis)
  const begun = { cpu: processes.cpu(), redis: await redisFigures.now(), sql: await statementsOf(database) }
  await sink.taken()
  await database.query('UPDATE digest_digest SET next_attempt_at = next_attempt_at - 3600000')
  await waitUntil('all digests', async () => (await waitingIn(database)) === 0, {
    every: LOOK_EVERY,
    timeout: 600_000,
  })
  const { mails, first, last } = await sink.taken()
  if (mails !== digests) throw new Error(`${mails} mails instead of ${digests}`)
  const looks = (last - first) / LOOK_EVERY
  const ended = await redisFigures.now()
  return {
    digests,
    time: last - first,
    cpu: processes.cpu() - begun.cpu,
    redisCpu: ended.cpu - begun.redis.cpu,
    commands: ended.commands - begun.redis.commands,
    statements: (await statementsOf(database)) - begun.sql - looks,
  }
}

/** Milliseconds between two looks whether all has been sent. */
const LOOK_EVERY = 200

async function waitingIn({ query }: MariaDbStorage): Promise<number> {
  const [row] = await query<{ waiting: number }>(
    `SELECT COUNT(*) AS waiting FROM digest_digest WHERE state = 'pending'`,
  )
  return Number(row?.waiting)
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import type { Config } from '../../src/ground/config/schema.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { type Amavisd, startAmavisd } from '../servers/amavisd.ts'
import { migrate } from '../servers/in-process.ts'
import { privateDir } from '../servers/private-dir.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type ReceivedMail, type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { digestMail } from '../stack/digest-mail.ts'
import { createProgram, type Program } from '../stack/program.ts'
import { type ChaosDatabase, type DatabaseKind, startDatabase } from './databases.ts'
import type { Limits } from './evidence.ts'
import { type Disturbance, type Ledger, newLedger } from './ledger.ts'
import { pidOf } from './process-name.ts'
import { SECOND_READERS } from './second-readers.ts'

/** The program with real servers around it, and everything that is observed of it. */
export interface ChaosWorld extends AsyncDisposable {
  readonly ledger: Ledger
  readonly limits: Limits
  readonly database: ChaosDatabase
  readonly storage: Database<AmavisTables>
  readonly state: Database<StateTables>
  readonly amavisd: Amavisd
  /** Receives the digests. */
  readonly digests: SmtpSink
  /** Receives the mail that amavisd releases. */
  readonly mta: SmtpSink
  /** Undefined when the queue is in the program's own processes. */
  readonly redis: RedisServer | undefined
  readonly program: Program
  /** The file in which a process that dies at a named step records its death. */
  readonly deathsFile: string
  /** Called for each release link of each digest. */
  onLink: (link: ReleaseLink) => void
  /** Kills the next process that comes to this stage of its SMTP session; undefined kills none. */
  trap: Trap | undefined
  /** Records that a process is killed now. */
  killed(pid: number, how: string): void
  /** Whether this process was killed, by us or at a crash point. */
  wasKilled(pid: number): boolean
  /** Records that something is away until the returned value is disposed. */
  disturb(what: Disturbance['what'], how: string): Disposable
  log(line: string): void
}

export interface ReleaseLink {
  readonly subject: string
  readonly reader: string
  readonly url: string
}

export interface Trap {
  readonly stage: 'data' | 'accepted'
  readonly sprung: (pid: number) => void
}

const CONNECTIONS = 8
const LEASE = 5_000
const ANSWER_WITHIN = 8_000
/** As in the composition root: how much longer a claim lasts than amavisd may take to answer. */
const CLAIM_MARGIN = 30_000

export interface ChaosWorldOptions {
  readonly database: DatabaseKind
  readonly queue: 'in-process' | 'redis'
  readonly log: (line: string) => void
}

export async function startChaosWorld({
  database: kind,
  queue,
  log,
}: ChaosWorldOptions): Promise<ChaosWorld> {
  // Each child process adds a listener that ends it with this one. Node would take so many for a leak.
  process.setMaxListeners(Math.max(100, process.getMaxListeners()))
  await using starting = new AsyncDisposableStack()
  const dir = privateDir('chaos', 'nobody')
  starting.defer(dir.remove)
  const ledger = newLedger()
  const database = starting.use(await startDatabase(kind))
  const digests = starting.use(
    await startSmtpSink({
      keeps: false,
      onData: hello => spring('data', hello),
      onTaken: (mail, { hello, heard }) => {
        spring('accepted', hello)
        takeDigest(mail, hello, heard)
      },
    }),
  )
  const mta = starting.use(
    await startSmtpSink({ keeps: false, onTaken: (mail, { heard }) => takeCopy(ledger, mail, heard) }),
  )
  const amavisd = starting.use(
    await startAmavisd({ storage: database.storage, sink: mta }, { extra: '$max_servers = 4;' }),
  )
  const redis = queue === 'redis' ? starting.use(await startRedis()) : undefined
  const program = starting.use(
    await createProgram({
      ...settings(database.storage.url, digests.url, amavisd.amPdpPort),
      ...(redis ? { queue: { kind: 'redis', url: redis.url } } : {}),
    }),
  )
  // One connection for both kinds of tables, as in the program: two would block each other with SQLite's locks.
  const storage = starting.use(connect<AmavisTables>('storage', database.storage.url))
  const state = storage as unknown as Database<StateTables>
  await migrate(program.configFile)

  const deathsFile = join(dir.path, 'deaths')
  let deathsRead = 0
  const killed = (pid: number, how: string, at = Date.now()) =>
    void ledger.disturbances.push({ what: 'process', from: at, to: at, how, pid })
  const readDeaths = () => {
    const lines = linesOf(deathsFile)
    for (const line of lines.slice(deathsRead)) {
      const [pid, at, step = ''] = line.split(' ')
      killed(Number(pid), step, Number(at))
      log(`process ${pid} died at ${step}`)
    }
    deathsRead = lines.length
  }
  const spring = (stage: Trap['stage'], hello: string) => {
    const pid = pidOf(hello)
    if (world.trap?.stage !== stage || pid === undefined) return
    const { sprung } = world.trap
    world.trap = undefined
    killed(pid, stage === 'data' ? 'SMTP DATA' : 'SMTP 250')
    process.kill(pid, 'SIGKILL')
    sprung(pid)
  }
  const takeDigest = (mail: ReceivedMail, hello: string, heard: boolean) => {
    const { subjects, release } = digestMail(mail)
    const reader = mail.to[0] ?? ''
    const messageId = mail.parsed.messageId ?? ''
    ledger.digests.push({ at: Date.now(), messageId, reader, subjects, pid: pidOf(hello), heard })
    for (const subject of subjects) world.onLink({ subject, reader, url: release(subject) })
  }
  const everything = starting.move()
  const world: ChaosWorld = {
    ledger,
    limits: {
      connections: CONNECTIONS,
      lease: LEASE,
      claimLease: ANSWER_WITHIN + CLAIM_MARGIN,
      answerWithin: ANSWER_WITHIN,
    },
    ...{ database, storage, state, amavisd, digests, mta, redis, program, deathsFile, log },
    onLink: () => undefined,
    trap: undefined,
    killed,
    wasKilled: pid => {
      readDeaths()
      return ledger.disturbances.some(({ what, pid: victim }) => what === 'process' && victim === pid)
    },
    disturb: (what, how) => {
      const disturbance: Disturbance = { what, how, from: Date.now(), to: Number.POSITIVE_INFINITY }
      ledger.disturbances.push(disturbance)
      return {
        [Symbol.dispose]: () => {
          disturbance.to = Date.now()
        },
      }
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
  return world
}

/** Short leases, so that the work of dead processes is taken over often, and a schedule that is due each minute. */
const settings = (database: string, smtp: string, amPdpPort: number) => ({
  storage: { url: database },
  smtp: { url: smtp, from: 'Mail quarantine <quarantine@example.com>' },
  release: { via: `tcp://127.0.0.1:${amPdpPort}`, timeout: `${ANSWER_WITHIN}ms` },
  schedules: [{ name: 'minutely', cron: '* * * * *', timezone: 'UTC', default: true }],
  collect: { every: '2s', overlap: '1m' },
  directory: { ...SECOND_READERS, url: database },
  delivery: { lease: `${LEASE}ms`, connections: CONNECTIONS },
  digest: { maxRows: 500 },
  http: { perAddress: 1_000_000, perLink: 1_000_000 },
  log: { level: 'warn' } satisfies Config['log'],
})

function takeCopy(ledger: Ledger, mail: ReceivedMail, heard: boolean): void {
  for (const recipient of mail.to) {
    ledger.copies.push({ at: Date.now(), subject: mail.parsed.subject ?? '', recipient, heard })
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

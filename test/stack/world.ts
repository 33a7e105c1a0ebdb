import { parseArgs } from 'node:util'
import { getReady, rehearseNow, runNow } from '../../src/doors/cli/run/run-now.ts'
import { readerAddress } from '../../src/ground/directory/reader-address.ts'
import { type Amavisd, startAmavisd } from '../servers/amavisd.ts'
import type { AmavisdOptions } from '../servers/amavisd-conf.ts'
import { type HeldRow, waitForHeld } from '../servers/held.ts'
import { inProcess, migrate } from '../servers/in-process.ts'
import { inject } from '../servers/inject.ts'
import type { MariaDbAddress } from '../servers/mariadb.ts'
import type { PostgresAddress } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { spamMail } from '../servers/samples.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { type AmavisSchema, createStorage, type Storage } from '../servers/storage.ts'
import { createOn, type DatabaseKind } from './databases.ts'
import { createProgram, type Program, type Settings } from './program.ts'

/** A mail server as an admin runs it, together with this program. */
export interface World extends AsyncDisposable {
  /** amavis's tables. */
  readonly storage: Storage
  /** Our tables, in the same database unless `WorldOptions.state` says otherwise. */
  readonly state: Storage
  readonly amavisd: Amavisd
  /** Receives the mail that amavisd passes and releases. */
  readonly mta: SmtpSink
  /** Receives the digests. */
  readonly digests: SmtpSink
  readonly program: Program
  /** The same program with another configuration, but the same keys and storage. */
  configure(settings: Partial<Settings>): Promise<Program>
  /** Another amavisd on the same storage, in front of the same MTA. */
  addAmavisd(options: AmavisdOptions): Promise<Amavisd>
  /** Empties all tables and both sinks. */
  reset(): Promise<void>
}

export interface WorldOptions {
  readonly amavisd?: AmavisdOptions
  readonly settings?: Partial<Settings>
  /** MariaDB by default. */
  readonly database?: DatabaseKind
  readonly schema?: AmavisSchema
  /** Keeps our tables in a database of their own. */
  readonly state?: DatabaseKind
  /** A server of this test alone, which may stop it, instead of the server that all tests share. */
  readonly mariaDb?: MariaDbAddress
  readonly postgres?: PostgresAddress
}

/** Starts a world whose tables are migrated. */
export async function startWorld({ settings, ...options }: WorldOptions = {}): Promise<World> {
  const stack = new AsyncDisposableStack()
  const mta = stack.use(await startSmtpSink())
  const digests = stack.use(await startSmtpSink())
  const storage = stack.use(await createWorldStorage(options))
  const state = options.state ? stack.use(await createOn(options.state, { empty: true })) : storage
  const addAmavisd = async (other: AmavisdOptions) =>
    stack.use(await startAmavisd({ storage, sink: mta }, other))
  const amavisd = await addAmavisd(options.amavisd ?? {})
  const create = async (other: Partial<Settings>) =>
    stack.use(
      await createProgram({
        storage: { url: storage.url },
        ...(options.state ? { state: { url: state.url } } : {}),
        smtp: { url: digests.url, from: 'Mail quarantine <quarantine@example.com>' },
        release: { via: `tcp://127.0.0.1:${amavisd.amPdpPort}` },
        ...settings,
        ...other,
      }),
    )
  const program = await create({})
  await migrate(program.configFile)
  return {
    storage,
    state,
    amavisd,
    mta,
    digests,
    program,
    configure: other => create({ ...other, links: { keyFile: program.keyFile, ...other.links } }),
    addAmavisd,
    reset: async () => {
      for (const database of new Set([storage, state])) await emptyTables(database)
      for (const sink of [mta, digests]) {
        sink.recover()
        sink.clear()
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function createWorldStorage(options: WorldOptions): Promise<Storage> {
  if (options.mariaDb) return createStorage(options.mariaDb)
  if (options.postgres) return createPostgresStorage(options.postgres)
  return createOn(options.database ?? 'mariadb', { schema: options.schema ?? {} })
}

async function emptyTables(database: Storage): Promise<void> {
  const tables = new Set((await database.columns()).map(column => column.place))
  for (const name of tables) {
    if (!name.startsWith('digest_migration')) await database.query(`DELETE FROM ${name}`)
  }
}

/** What `run --json` prints. */
export interface RunResult {
  readonly digests: number
  readonly items: number
  readonly sent: number
  readonly failed: number
}

/**
 * Makes a run, as the command does, and returns what `run --json` prints, except how many digests a running service
 * took.
 *
 * @param options `--recipient`, `--schedule` and `--dry-run`
 * @throws Error if the command would have failed, or written to stderr
 */
export async function runJson(
  { configFile }: Pick<Program, 'configFile'>,
  ...options: readonly string[]
): Promise<RunResult> {
  const { values } = parseArgs({ args: [...options], options: RUN_OPTIONS })
  const recipients = values.recipient?.map(address => readerAddress(address) ?? address)
  const wanted = { schedule: values.schedule, recipients }
  const result = await inProcess(configFile, async app => {
    await getReady(app)
    return values['dry-run']
      ? rehearseNow(app, wanted)
      : runNow(app, wanted, { signal: new AbortController().signal })
  })
  const { digests, items, sent, failed, copies, heldBack, keptBack } = result
  if (failed + copies.failed + heldBack + keptBack.length > 0) {
    throw new Error(`The run was not a success: ${JSON.stringify(result)}`)
  }
  return { digests, items, sent, failed }
}

const RUN_OPTIONS = {
  recipient: { type: 'string', multiple: true },
  schedule: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const

let count = 0

/** Sends a message to amavisd, waits until it is held, and returns its rows, one for each recipient. */
export async function hold(
  { amavisd, storage }: Pick<World, 'amavisd' | 'storage'>,
  to: string | readonly string[],
  {
    make = spamMail,
    subject = `Held ${++count}`,
    ...fields
  }: Parameters<typeof spamMail>[0] & { make?: (fields: { subject: string }) => string | Buffer } = {},
): Promise<[HeldRow, ...HeldRow[]]> {
  const envelope = { from: 'sam@sender.example.net', to: [to].flat() }
  await inject(amavisd.smtpPort, envelope, make({ subject, ...fields }))
  return waitForHeld(storage, row => row.subject === subject)
}

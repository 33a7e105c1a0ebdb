import { userInfo } from 'node:os'
import {
  type DatabaseMetadataOptions,
  type DataTypeNode,
  type Kysely,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type TableMetadata,
} from 'kysely'
import type pg from 'pg'
import type { ClientBase, ClientConfig } from 'pg'
import { MINUTE, SECOND } from '../durations.ts'
import { onFirstUse } from '../on-first-use.ts'
import { createIndexIfNotExists } from './add-missing.ts'
import type { Backend, Dialect } from './database.ts'
import { onConflict } from './on-conflict.ts'
import { explain } from './postgres-errors.ts'
import { tlsFrom } from './tls.ts'
import { decoded, parametersOf } from './url-parameters.ts'

const driver = onFirstUse<typeof pg>('pg')

/** PostgreSQL 13 and later. */
export const postgres: Backend = {
  schemes: ['postgres', 'postgresql'],
  open: url => {
    const pool = openPool(clientConfig(url))
    const figures = () => ({ size: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount })
    return { kysely: new OctetPostgres({ pool }), dialect, pool: figures }
  },
  explain,
}

/** The slowest statement reads an hour's held mail; with a cold cache it takes 1.4 s. */
const STATEMENT_TIMEOUT = MINUTE

/** Set for each session, so that the defaults of a server or a user do not change what our statements mean. */
const SETTINGS = `
  set client_encoding = 'UTF8';
  set statement_timeout = ${STATEMENT_TIMEOUT};
  set idle_in_transaction_session_timeout = ${STATEMENT_TIMEOUT};
  set default_transaction_isolation = 'read committed'`

/**
 * `postgres://user:password@host:port/database`, or for a Unix socket `postgres:///database?host=/run/postgresql`.
 * Every option is given here, so that PGHOST, PGSSLMODE and the like in the environment have no effect.
 */
function clientConfig(url: URL): ClientConfig {
  const given = parametersOf(url, ['host', 'sslmode', 'sslrootcert'])
  const { level, options } = tlsFrom(
    { level: 'sslmode', ca: 'sslrootcert' },
    { level: given.sslmode, ca: given.sslrootcert },
    { disable: 'off', require: 'encrypted', 'verify-ca': 'trusted', 'verify-full': 'host-verified' },
  )
  const host = given.host ?? decoded(url.hostname.replace(/^\[|\]$/g, '')) ?? 'localhost'
  const user = decoded(url.username) ?? userInfo().username
  const password = decoded(url.password)
  return {
    host,
    port: Number(url.port || 5432),
    user,
    ...(password === undefined ? {} : { password }),
    database: decoded(url.pathname.slice(1)) ?? user,
    // A Unix socket has no TLS and needs none.
    ssl:
      level === 'off' || host.startsWith('/')
        ? false
        : { ...options, ...(level === 'trusted' ? { checkServerIdentity: () => undefined } : {}) },
    application_name: 'amavis-digest',
    connectionTimeoutMillis: 10 * SECOND,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
}

/** Reads bigint as a number, because no count or time of ours exceeds 2^53; numeric too, the type of their sums. */
const parserOf: typeof pg.types.getTypeParser = (type: number, format?: unknown) =>
  type === driver().types.builtins.INT8 || type === driver().types.builtins.NUMERIC
    ? Number
    : (driver().types.getTypeParser(type, format as 'text') as (value: string) => unknown)

function openPool(config: ClientConfig): pg.Pool {
  // The time limit is set on the connection: the pool's would also apply to callers that wait for a free connection.
  class Client extends driver().Client {
    constructor() {
      super(config)
    }

    // The driver leaves a connection open that failed to sign in, until the server closes it after a minute.
    override connect(): Promise<pg.Client>
    override connect(done: (error: Error) => void): void
    override connect(done?: (error: Error) => void): Promise<pg.Client> | undefined {
      if (!done) return super.connect()
      super.connect((error: Error) => {
        if (error) void this.end()
        done(error)
      })
      return undefined
    }
  }
  const options: AwaitingPool = { max: 10, Client, onConnect: prepareConnection }
  const pool = new (driver().Pool)(options)
  // An idle connection was lost. The pool has dropped it, and the next statement opens another.
  pool.on('error', () => undefined)
  return pool
}

/** The pool waits for `onConnect` before it hands a connection out; its types do not say so. */
interface AwaitingPool extends Omit<pg.PoolConfig, 'onConnect'> {
  readonly onConnect: (client: ClientBase) => Promise<void>
}

/** Gives a new connection our settings and a timeout for each statement. */
async function prepareConnection(client: ClientBase): Promise<void> {
  // Losing a connection in use fails its statement; without this listener it would also end the process.
  client.on('error', () => undefined)
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>
  const timedQuery = async (text: string, values?: readonly unknown[]) => {
    // The server enforces its own limit, unless it hangs. Unreferenced, so that it does not keep the process alive.
    const timer = setTimeout(() => void (client as pg.Client).end(), STATEMENT_TIMEOUT + 5 * SECOND).unref()
    try {
      return await query(text, values?.map(asOctets))
    } finally {
      clearTimeout(timer)
    }
  }
  client.query = timedQuery as never
  await timedQuery(SETTINGS)
}

/**
 * Sends strings as octets: the server then takes them literally for text and bytea alike; in a string for a bytea it
 * would interpret backslashes. NUL is replaced, because PostgreSQL's text cannot hold it, and what a stranger's server
 * says must not make a statement fail.
 */
const asOctets = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\uFFFD'), 'utf8') : value

const dialect: Dialect = {
  ...onConflict,
  tableOptions: undefined,
  createMissingIndex: createIndexIfNotExists,
  now: sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  // Serialization failure, deadlock.
  isCollision: error =>
    error instanceof driver().DatabaseError && ['40001', '40P01'].includes(error.code ?? ''),
  lockFree: select => select.forUpdate().skipLocked(),
}

class OctetPostgres extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new OctetCompiler()
  }

  override createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new VisibleTables(db)
  }
}

/**
 * Makes our columns sort octet by octet, as on the other databases. A language's order may change with the system's
 * libraries, and an index built before the change then misses rows.
 */
class OctetCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (/^(?:varchar|char|text)\b/.test(node.dataType)) this.append(' collate "C"')
  }
}

/** Lists only the tables that a bare name refers to: if several schemas have a `msgs`, the first in the search path. */
class VisibleTables extends PostgresIntrospector {
  readonly #db: Kysely<unknown>

  constructor(db: Kysely<unknown>) {
    super(db as never)
    this.#db = db
  }

  override async getTables(options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    const tables = await super.getTables(options)
    const { rows } = await sql<{ path: string[] }>`select current_schemas(false)::text[] as path`.execute(
      this.#db,
    )
    const path = rows[0]?.path ?? []
    const visible = path.flatMap(schema => tables.filter(table => table.schema === schema))
    return visible.filter((table, index) => visible.findIndex(other => other.name === table.name) === index)
  }
}

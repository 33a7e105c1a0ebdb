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
import pg, { type ClientBase, type ClientConfig } from 'pg'
import { MINUTE, SECOND } from '../durations.ts'
import { createIndexIfNotExists } from './add-missing.ts'
import type { Backend, Dialect } from './database.ts'
import { onConflict } from './on-conflict.ts'
import { explain } from './postgres-errors.ts'
import { tlsFrom } from './tls.ts'
import { decoded, parametersOf } from './url-parameters.ts'

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

/** The slowest statement, an hour's held mail with a cold cache, takes 1.4 s. */
const STATEMENT_TIMEOUT = MINUTE

/** Of a session. What our statements mean is not for a server's or a user's defaults to say. */
const SETTINGS = `
  set client_encoding = 'UTF8';
  set statement_timeout = ${STATEMENT_TIMEOUT};
  set idle_in_transaction_session_timeout = ${STATEMENT_TIMEOUT};
  set default_transaction_isolation = 'read committed'`

/**
 * `postgres://user:password@host:port/database`, or for a Unix socket `postgres:///database?host=/run/postgresql`.
 * Everything is said here, so that no PGHOST or PGSSLMODE of the environment takes part.
 */
function clientConfig(url: URL): ClientConfig {
  const given = parametersOf(url, ['host', 'sslmode', 'sslrootcert'])
  const { level, options } = tlsFrom(
    { level: 'sslmode', ca: 'sslrootcert' },
    { level: given.sslmode, ca: given.sslrootcert },
    { disable: 'off', require: 'encrypted', 'verify-ca': 'known', 'verify-full': 'identified' },
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
    // A Unix socket knows no TLS, and needs none.
    ssl:
      level === 'off' || host.startsWith('/')
        ? false
        : { ...options, ...(level === 'known' ? { checkServerIdentity: () => undefined } : {}) },
    application_name: 'amavis-digest',
    connectionTimeoutMillis: 10 * SECOND,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
}

/** As numbers: bigint, because no count or time of ours is beyond 2^53; numeric, which sums of them are. */
const parserOf: typeof pg.types.getTypeParser = (type: number, format?: unknown) =>
  type === pg.types.builtins.INT8 || type === pg.types.builtins.NUMERIC
    ? Number
    : (pg.types.getTypeParser(type, format as 'text') as (value: string) => unknown)

function openPool(config: ClientConfig): pg.Pool {
  // The connection's own time limit. The pool's would count for those who wait for a free connection, too.
  class Client extends pg.Client {
    constructor() {
      super(config)
    }

    // One that could not sign in is left standing by the driver, for as long as the server lets it: a minute.
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
  const options: AwaitingPool = { max: 10, Client, onConnect: begin }
  const pool = new pg.Pool(options)
  // A connection that nobody used was lost: the pool has let it go, and the next statement opens another.
  pool.on('error', () => undefined)
  return pool
}

/** The pool waits for `onConnect` before it hands a connection out; its types do not say so. */
interface AwaitingPool extends Omit<pg.PoolConfig, 'onConnect'> {
  readonly onConnect: (client: ClientBase) => Promise<void>
}

/** Makes a new connection ours. */
async function begin(client: ClientBase): Promise<void> {
  // One that is lost while it is used fails its statement; without a listener it would end the process besides.
  client.on('error', () => undefined)
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>
  const inTime = async (text: string, values?: readonly unknown[]) => {
    // The server keeps to its own limit, unless it stands still. Unreferenced: it holds up no end.
    const timer = setTimeout(() => void (client as pg.Client).end(), STATEMENT_TIMEOUT + 5 * SECOND).unref()
    try {
      return await query(text, values?.map(asOctets))
    } finally {
      clearTimeout(timer)
    }
  }
  client.query = inTime as never
  await inTime(SETTINGS)
}

/**
 * Strings go as octets: the server then takes them as they are for text and for bytea alike, where it would read
 * backslashes in a bytea. It has no text with a NUL in it: what a stranger's server says must not make a statement fail.
 */
const asOctets = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\uFFFD'), 'utf8') : value

const dialect: Dialect = {
  ...onConflict,
  tableOptions: undefined,
  createMissingIndex: createIndexIfNotExists,
  now: sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  // Serialization failure, deadlock.
  isCollision: error => error instanceof pg.DatabaseError && ['40001', '40P01'].includes(error.code ?? ''),
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
 * Our columns sort octet by octet, as on the other databases: a language's order may change with the system's libraries,
 * and an index that was made before then misses rows.
 */
class OctetCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (/^(?:varchar|char|text)\b/.test(node.dataType)) this.append(' collate "C"')
  }
}

/** Only what a bare table name means: of several schemas with a `msgs`, the first one of the search path. */
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

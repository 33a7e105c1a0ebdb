import { userInfo } from 'node:os'
import {
  type DatabaseMetadataOptions,
  type DataTypeNode,
  type Kysely,
  PostgresDialect,
  PostgresIntrospector,
  type PostgresPool,
  type PostgresPoolClient,
  PostgresQueryCompiler,
  sql,
  type TableMetadata,
} from 'kysely'
import type pg from 'pg'
import type { ClientBase, ClientConfig } from 'pg'
import { SECOND } from '../durations.ts'
import { onFirstUse } from '../on-first-use.ts'
import { createIndexIfNotExists } from './add-missing.ts'
import { ConnectionSupply } from './connection-supply.ts'
import type { Backend, Dialect, OpenOptions } from './database.ts'
import { postgresInspection } from './inspection/postgres-inspection.ts'
import { IDLE_TIME } from './limits.ts'
import { onConflict } from './on-conflict.ts'
import { explain, isCollision, isFull, isReadOnly } from './postgres-errors.ts'
import {
  type PostgresQuery,
  STATEMENT_TIMEOUT,
  sessionSettings,
  withSettingsInTransactions,
} from './postgres-settings.ts'
import { tlsFrom } from './tls.ts'
import { decoded, parametersOf } from './url-parameters.ts'

const driver = onFirstUse<typeof pg>('pg')

/** PostgreSQL 13 and later. */
export const postgres: Backend = {
  schemes: ['postgres', 'postgresql'],
  open: (url, options) => {
    const pool = openPool({ ...clientConfig(url), ...connectLimit(options) }, options)
    const { supplied, supply } = suppliedPool(pool, options.connections)
    return {
      kysely: new OctetPostgres({ pool: supplied }),
      dialect,
      pool: () => ({ size: pool.totalCount, idle: pool.idleCount, waiting: supply.waiting }),
      demotion: { isReadOnly, distrust: () => supply.distrust() },
    }
  },
  explain,
}

/** To connect takes no longer than a statement may. */
const connectLimit = ({ statementTimeout = CONNECT_TIMEOUT }: OpenOptions) => ({
  connectionTimeoutMillis: Math.min(statementTimeout, CONNECT_TIMEOUT),
})

const CONNECT_TIMEOUT = 10 * SECOND

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
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
}

/** Reads bigint as a number, because no count or time of ours exceeds 2^53; numeric too, the type of their sums. */
const parserOf: typeof pg.types.getTypeParser = (type: number, format?: unknown) =>
  type === driver().types.builtins.INT8 || type === driver().types.builtins.NUMERIC
    ? Number
    : (driver().types.getTypeParser(type, format as 'text') as (value: string) => unknown)

/** The driver's pool behind a supply. The pool itself closes what is idle. */
function suppliedPool(pool: pg.Pool, size: number) {
  const supply = new ConnectionSupply<pg.PoolClient>(
    { take: () => pool.connect(), discard: client => client.release(true), isFull },
    size,
  )
  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await supply.take()
    const release = client.release
    client.release = destroy => {
      release(destroy || supply.isStale(client))
      supply.giveBack()
    }
    return client as unknown as PostgresPoolClient
  }
  const supplied: PostgresPool = { connect, end: () => pool.end(), options: pool.options }
  return { supplied, supply }
}

function openPool(config: ClientConfig, open: OpenOptions): pg.Pool {
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
  const options: AwaitingPool = {
    max: open.connections,
    idleTimeoutMillis: IDLE_TIME,
    Client,
    onConnect: client => prepareConnection(client, open),
  }
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
async function prepareConnection(client: ClientBase, options: OpenOptions): Promise<void> {
  const { isReadOnly = false, statementTimeout = STATEMENT_TIMEOUT } = options
  const limits = { isReadOnly, statementTimeout }
  // Losing a connection in use fails its statement; without this listener it would also end the process.
  client.on('error', () => undefined)
  const query = client.query.bind(client) as PostgresQuery
  const timedQuery: PostgresQuery = async (text, values) => {
    // The server enforces its own limit, unless it hangs. Unreferenced, so that it does not keep the process alive.
    const timer = setTimeout(() => void (client as pg.Client).end(), statementTimeout + 5 * SECOND).unref()
    try {
      return await query(text, values?.map(asOctets))
    } finally {
      clearTimeout(timer)
    }
  }
  const { rows } = await timedQuery('select pg_backend_pid() as pid')
  // A pooler such as PgBouncer gives each client a number of its own.
  const isDirect = rows[0]?.pid === Reflect.get(client, 'processID')
  client.query = (isDirect ? timedQuery : withSettingsInTransactions(timedQuery, limits)) as never
  if (isDirect) await timedQuery(sessionSettings(limits))
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
  async dropUnique(db, table, constraint) {
    await sql`alter table ${sql.table(table)} drop constraint if exists ${sql.ref(constraint)}`.execute(db)
  },
  now: sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  lexis: {
    // A comment within a comment is not matched, and so neither is the outer one.
    quoted:
      /(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|(?<![\w$])\$(?<tag>[a-zA-Z_]\w*)?\$.*?\$\k<tag>\$|--[^\n\r]*|\/\*(?:(?!\/\*).)*?\*\//s,
    placeholder: /\$\d/,
  },
  encodingFault,
  inspection: postgresInspection,
  isCollision,
  lockFree: select => select.forUpdate().skipLocked(),
}

/** SQL_ASCII stores the octets that it gets, and we send UTF-8. */
async function encodingFault(database: Kysely<unknown>): Promise<string | undefined> {
  const { rows } = await sql<{ encoding: string; name: string; owner: string }>`
    select pg_encoding_to_char(encoding) as encoding, quote_ident(datname) as name, quote_ident(current_user) as owner
    from pg_database where datname = current_database()`.execute(database)
  const [found] = rows
  if (!found || ['UTF8', 'SQL_ASCII'].includes(found.encoding)) return undefined
  return `its encoding is ${found.encoding}, which cannot store every address. As a database admin, create another one: CREATE DATABASE amavis_digest OWNER ${found.owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'; and name it in state.url.`
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

import { isIP } from 'node:net'
import {
  type DatabaseConnection,
  type Driver,
  MysqlDialect,
  type MysqlDialectConfig,
  MysqlDriver,
  type MysqlPool,
  sql,
  type TransactionSettings,
} from 'kysely'
import type * as Mysql2 from 'mysql2'
import type { PoolConnection, PoolOptions } from 'mysql2'
import { MINUTE, SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import { onFirstUse } from '../on-first-use.ts'
import { ConnectionSupply } from './connection-supply.ts'
import type { Backend, Dialect, OpenOptions, PoolFigures } from './database.ts'
import { mysqlInspection } from './inspection/mysql-inspection.ts'
import { IDLE_TIME } from './limits.ts'
import { explain, isCollision, isFull, isMysqlError, isReadOnly } from './mysql-errors.ts'
import { tlsFrom } from './tls.ts'
import { parametersOf } from './url-parameters.ts'

const driver = onFirstUse<typeof Mysql2>('mysql2')

/** MariaDB 10.6 and later, MySQL 8 and later. */
export const mysql: Backend = {
  schemes: ['mysql', 'mariadb'],
  open: (url, options) => {
    const driverOptions = { ...poolOptions(url), ...limitsOf(options) }
    // A pool sets a timer as soon as it is created, which keeps the process alive, and Kysely ends only what was used.
    let used: SuppliedPool | undefined
    const pool = async () => {
      used ??= suppliedPool(driverKeepingLittle().createPool(driverOptions), options)
      return used.supplied
    }
    return {
      kysely: new ReadCommittedDialect({ pool }),
      dialect,
      pool: () => used?.figures() ?? { size: 0, idle: 0, waiting: 0 },
      demotion: { isReadOnly, distrust: () => used?.distrust() },
    }
  },
  explain,
}

/** The driver reserves its whole cache of row parsers at the start: 0.5 MB for the usual 15,000. */
function driverKeepingLittle(): typeof Mysql2 {
  driver().setMaxParserCache(MOST_PARSERS)
  return driver()
}

/** Each set of columns that a statement reads has a parser, and our statements are some hundreds. */
const MOST_PARSERS = 1000

/** Its transactions are READ COMMITTED because their session is: none has to ask for it by a statement of its own. */
class ReadCommittedDialect extends MysqlDialect {
  readonly #config: MysqlDialectConfig

  constructor(config: MysqlDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new ReadCommittedDriver(this.#config)
  }
}

class ReadCommittedDriver extends MysqlDriver {
  override beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const { isolationLevel, ...others } = settings
    return super.beginTransaction(connection, isolationLevel === 'read committed' ? others : settings)
  }
}

interface SuppliedPool {
  readonly supplied: MysqlPool
  figures(): PoolFigures
  /** Makes it hand out only connections that are opened from now on. */
  distrust(): void
}

/** The driver's pool behind a supply that prepares each new connection. */
function suppliedPool(pool: Pool, options: OpenOptions): SuppliedPool {
  const { connections, statementTimeout } = options
  // The server, which ends a statement in time, keeps the connection; we give it up a second later.
  const patience = statementTimeout === undefined ? STATEMENT_TIMEOUT : statementTimeout + SECOND
  pool.on('connection', connection => limitStatements(connection, patience))
  const idle = idleOf(pool)
  const prepared = new WeakSet<PoolConnection>()
  const supply = new ConnectionSupply<PoolConnection>(
    {
      take: async () => {
        const connection = await connectionOf(pool)
        if (prepared.has(connection)) return connection
        await prepare(connection, sessionOf(options))
        prepared.add(connection)
        const release = connection.release.bind(connection)
        connection.release = () => {
          if (supply.isStale(connection)) connection.destroy()
          release()
          supply.giveBack()
        }
        return connection
      },
      discard: connection => connection.destroy(),
      isFull,
    },
    connections,
  )
  const supplied: MysqlPool = {
    getConnection: done => {
      supply.take().then(
        connection => done(undefined, connection as never),
        (error: unknown) => done(error, undefined as never),
      )
    },
    end: done => pool.end(done),
  }
  return {
    supplied,
    figures: () => ({ ...countsOf(pool), waiting: supply.waiting }),
    distrust: () => {
      supply.distrust()
      for (const connection of idle) connection.destroy()
      idle.clear()
    },
  }
}

type Pool = Mysql2.Pool

/** The connections that the driver's pool keeps open and nobody uses. */
function idleOf(pool: Pool): Set<PoolConnection> {
  const idle = new Set<PoolConnection>()
  pool.on('release', (connection: PoolConnection) => idle.add(connection))
  pool.on('acquire', (connection: PoolConnection) => idle.delete(connection))
  pool.on('connection', (connection: PoolConnection) => {
    for (const end of ['end', 'error']) connection.once(end, () => idle.delete(connection))
  })
  return idle
}

const connectionOf = (pool: Pool): Promise<PoolConnection> => {
  const { promise, resolve, reject } = Promise.withResolvers<PoolConnection>()
  pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)))
  return promise
}

/** Gives a new connection our settings. If that fails, it is closed: without them our statements mean something else. */
async function prepare(connection: PoolConnection, session: readonly string[]): Promise<void> {
  try {
    for (const statement of session) await query(connection, statement)
  } catch (error) {
    connection.destroy()
    throw error
  }
}

function query(connection: PoolConnection, statement: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  connection.query(statement, [], error => (error ? reject(error) : resolve()))
  return promise
}

/**
 * Without NO_BACKSLASH_ESCAPES: the driver writes values into the statement and escapes them with backslashes, so a
 * server in that mode would read past the end of a quoted address. Strict, so that no value is silently truncated.
 */
const SQL_MODE = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'

/**
 * Set for each session, so that the options of a server, such as skip-character-set-client-handshake, and its
 * init_connect do not change what our statements mean. The messages of errors are read in English, for the GRANT that
 * is missing.
 *
 * MariaDB would make a join with a temporary table of an IN with 1,000 values, and then read a whole table, or another
 * index than the one that the statement is meant for. And of an IN with more than 200 values, a server would not look
 * into the index: while a run claims items, its statistics are old, and it would read all items for each 500 digests.
 *
 * The locks of a machine that vanished in mid-transaction are freed after a minute. MySQL has no such limit and reads
 * the part for MariaDB as a comment.
 */
const SESSION = [
  'set names utf8mb4 collate utf8mb4_bin',
  `set session sql_mode = '${SQL_MODE}', session autocommit = 1, session completion_type = 0,
    session sql_safe_updates = 0, session sql_auto_is_null = 0, session sql_big_selects = 1,
    session sql_select_limit = 18446744073709551615, session lc_messages = 'en_US'
    /*M!100300 , session idle_transaction_timeout = 60 */ /*M!100318 , session in_predicate_conversion_threshold = 0 */
    /*M!100403 , session eq_range_index_dive_limit = 0 */ /*!50708 , session eq_range_index_dive_limit = 0 */`,
  'set session transaction isolation level read committed',
]

const sessionOf = ({ isReadOnly, statementTimeout }: OpenOptions): readonly string[] => [
  ...SESSION,
  ...(isReadOnly ? ['set session transaction read only'] : []),
  ...(statementTimeout === undefined ? [] : [timeLimit(statementTimeout)]),
]

/**
 * Makes the server end a statement that we no longer wait for. MariaDB reads the one part, in seconds, and takes the
 * other for a comment; MySQL does the opposite.
 */
const timeLimit = (milliseconds: number): string =>
  `set session sql_auto_is_null = 0 /*M!100300 , session max_statement_time = ${milliseconds / SECOND} */ /*!50708 , session max_execution_time = ${milliseconds} */`

/** To connect takes no longer than this, nor than a statement may. */
const CONNECT_TIMEOUT = 10 * SECOND

/** The slowest statement reads an hour's held mail; with a cold cache it takes 1.4 s. */
const STATEMENT_TIMEOUT = MINUTE

/**
 * Gives up on a server that has stopped answering, and closes the connection. The driver's own timeout will not do: its
 * timers outlive a broken connection and keep the process from ending.
 */
function limitStatements(connection: PoolConnection, timeout: number): void {
  const query = connection.query.bind(connection)
  const timedQuery = (text: string, values: unknown[], done: (error: unknown, result?: unknown) => void) => {
    const timer = setTimeout(() => {
      connection.destroy()
      done(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))
    }, timeout).unref()
    query(text, values, (error, result) => {
      clearTimeout(timer)
      done(error, result)
    })
  }
  connection.query = timedQuery as never
}

/** Reads the driver's private fields: it publishes these counts nowhere else. */
function countsOf(pool: Pool): { readonly size: number; readonly idle: number } {
  const internals = pool as unknown as Readonly<Record<`_${string}`, ArrayLike<unknown> | undefined>>
  return {
    size: internals._allConnections?.length ?? 0,
    idle: internals._freeConnections?.length ?? 0,
  }
}

/** The driver closes idle connections only if fewer may be idle than open. */
const limitsOf = ({ connections, statementTimeout = CONNECT_TIMEOUT }: OpenOptions) => ({
  connectTimeout: Math.min(statementTimeout, CONNECT_TIMEOUT),
  connectionLimit: connections,
  maxIdle: connections - 1,
  idleTimeout: IDLE_TIME,
  gracefulEnd: true,
})

/** `mysql://user:password@host:port/database`, or `…@localhost/database?socketPath=/run/mysqld/mysqld.sock`. */
function poolOptions(url: URL): PoolOptions {
  const given = parametersOf(url, ['socketPath', 'ssl-mode', 'ssl-ca'])
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const address = given.socketPath
    ? { socketPath: given.socketPath }
    : { host, port: Number(url.port || 3306), ...sslOptions(host, given) }
  return {
    ...address,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    // We prepare none, and for the usual 16,000 each connection takes 0.5 MB as soon as it opens.
    maxPreparedStatements: 1,
  }
}

/** Not for a Unix socket, which has no TLS and needs none. */
function sslOptions(
  host: string,
  given: { readonly 'ssl-mode'?: string; readonly 'ssl-ca'?: string },
): Pick<PoolOptions, 'ssl'> {
  const { level, options } = tlsFrom(
    { level: 'ssl-mode', ca: 'ssl-ca' },
    { level: given['ssl-mode'], ca: given['ssl-ca'] },
    { DISABLED: 'off', REQUIRED: 'encrypted', VERIFY_CA: 'trusted', VERIFY_IDENTITY: 'host-verified' },
  )
  if (level === 'off') return {}
  if (level === 'host-verified' && isIP(host) !== 0) {
    // For an IP address the driver would look for the name "localhost" in the certificate.
    throw new CodedError('CONFIG_INVALID', 'ssl-mode=VERIFY_IDENTITY needs a host name, not an IP address')
  }
  return { ssl: { ...options, verifyIdentity: level === 'host-verified' } }
}

const dialect: Dialect = {
  tableOptions: sql`engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`,
  // MariaDB has IF NOT EXISTS for indexes, MySQL does not.
  async createMissingIndex(index) {
    await index.execute().catch(error => {
      if (!isMysqlError(error) || error.code !== 'ER_DUP_KEYNAME') throw error
    })
  },
  async dropUnique(db, table, constraint) {
    await sql`alter table ${sql.table(table)} drop index ${sql.ref(constraint)}`
      .execute(db)
      .catch((error: unknown) => {
        if (!isMysqlError(error) || error.code !== 'ER_CANT_DROP_FIELD_OR_KEY') throw error
      })
  },
  // Not unix_timestamp(now()): in autumn, one hour of local time happens twice.
  now: sql`timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000`,
  // Not INSERT IGNORE, which would also swallow truncated and invalid values.
  insertNew: (insert, key) => insert.onDuplicateKeyUpdate(() => keepColumns(key.slice(0, 1))),
  // Of a row that is there already and stays as it is, the server counts the same as of a new one.
  async insertIfNew(insert) {
    try {
      await insert.execute()
      return true
    } catch (error) {
      if (isMysqlError(error) && error.code === 'ER_DUP_ENTRY') return false
      throw error
    }
  },
  insertOrUpdate: (insert, _key, columns) => insert.onDuplicateKeyUpdate(() => newValues(columns)),
  lexis: {
    // The driver writes values into the statement and reads it in the same way (sql-escaper). What stands in /*! */ is
    // no comment but executed, so it is not matched.
    quoted: /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|#[^\n]*|--(?![!-\uffff])[^\n]*|\/\*(?![!+]).*?\*\//s,
    placeholder: /\?/,
  },
  // Our tables name their own character set.
  encodingFault: async () => undefined,
  inspection: mysqlInspection,
  isCollision,
  lockFree: select => select.forUpdate().skipLocked(),
}

const keepColumns = (columns: readonly string[]): never =>
  Object.fromEntries(columns.map(column => [column, sql.ref(column)])) as never

const newValues = (columns: readonly string[]): never =>
  Object.fromEntries(columns.map(column => [column, sql`values(${sql.ref(column)})`])) as never

import { isIP } from 'node:net'
import { CompiledQuery, type DatabaseConnection, MysqlDialect, type MysqlPool, sql } from 'kysely'
import type * as Mysql2 from 'mysql2'
import type { Pool, PoolConnection, PoolOptions } from 'mysql2'
import { MINUTE, SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import { onFirstUse } from '../on-first-use.ts'
import type { Backend, Complaint, Dialect, PoolFigures } from './database.ts'
import { tlsFrom } from './tls.ts'
import { parametersOf } from './url-parameters.ts'

const driver = onFirstUse<typeof Mysql2>('mysql2')

/** MariaDB 10.6 and later, MySQL 8 and later. */
export const mysql: Backend = {
  schemes: ['mysql', 'mariadb'],
  open: url => {
    const pool = driver().createPool(poolOptions(url))
    const kysely = new MysqlDialect({
      pool: withStatementTimeout(pool),
      onCreateConnection: async connection => {
        await connection.executeQuery(CompiledQuery.raw(SESSION))
      },
    })
    return { kysely, dialect, pool: () => figuresOf(pool) }
  },
  explain,
}

/**
 * Without NO_BACKSLASH_ESCAPES: the driver writes values into the statement and escapes them with backslashes, so a
 * server in that mode would read past the end of a quoted address. Strict, so that no value is silently truncated.
 */
const SQL_MODE = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'

/**
 * The locks of a machine that vanished in mid-transaction are freed after a minute. MySQL has no such limit and reads
 * the part for MariaDB as a comment.
 */
const SESSION = `set session sql_mode = '${SQL_MODE}' /*M!100300 , session idle_transaction_timeout = 60 */`

/** The slowest statement reads an hour's held mail; with a cold cache it takes 1.4 s. */
const STATEMENT_TIMEOUT = MINUTE

/**
 * Gives up on a server that has stopped answering, and closes the connection. The driver's own timeout will not do: its
 * timers outlive a broken connection and keep the process from ending.
 */
function withStatementTimeout(pool: Pool): MysqlPool {
  pool.on('connection', (connection: PoolConnection) => {
    const query = connection.query.bind(connection)
    const timedQuery = (
      text: string,
      values: unknown[],
      done: (error: unknown, result?: unknown) => void,
    ) => {
      const timer = setTimeout(() => {
        connection.destroy()
        done(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))
      }, STATEMENT_TIMEOUT).unref()
      query(text, values, (error, result) => {
        clearTimeout(timer)
        done(error, result)
      })
    }
    connection.query = timedQuery as never
  })
  return pool as unknown as MysqlPool
}

/** Reads the driver's private fields: it publishes these counts nowhere else. */
function figuresOf(pool: Pool): PoolFigures {
  const internals = pool as unknown as Readonly<Record<`_${string}`, ArrayLike<unknown> | undefined>>
  return {
    size: internals._allConnections?.length ?? 0,
    idle: internals._freeConnections?.length ?? 0,
    waiting: internals._connectionQueue?.length ?? 0,
  }
}

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
    connectTimeout: 10 * SECOND,
    connectionLimit: 10,
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
  // Not unix_timestamp(now()): in autumn, one hour of local time happens twice.
  now: sql`timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000`,
  // Not INSERT IGNORE, which would also swallow truncated and invalid values.
  insertNew: (insert, key) => insert.onDuplicateKeyUpdate(() => keepColumns(key.slice(0, 1))),
  insertOrUpdate: (insert, _key, columns) => insert.onDuplicateKeyUpdate(() => newValues(columns)),
  isCollision: error =>
    isMysqlError(error) && ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'].includes(error.code),
  lockFree: select => select.forUpdate().skipLocked(),
}

const keepColumns = (columns: readonly string[]): never =>
  Object.fromEntries(columns.map(column => [column, sql.ref(column)])) as never

const newValues = (columns: readonly string[]): never =>
  Object.fromEntries(columns.map(column => [column, sql`values(${sql.ref(column)})`])) as never

async function explain(
  error: unknown,
  url: URL,
  connection?: DatabaseConnection,
): Promise<Complaint | undefined> {
  if (!(error instanceof Error)) return undefined
  const server = url.searchParams.get('socketPath') ?? `${url.hostname}:${url.port || 3306}`
  if (isLostConnection(error)) return unreachable(server, 'the connection was lost')
  if (!isMysqlError(error)) return undefined
  const database = decodeURIComponent(url.pathname.slice(1))
  switch (error.code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENOENT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'PROTOCOL_CONNECTION_LOST':
    case 'ER_SERVER_SHUTDOWN':
    case 'ER_CON_COUNT_ERROR':
    case 'ER_TOO_MANY_USER_CONNECTIONS':
    case 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR':
      return unreachable(server, error.code)
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return {
        code: 'DATABASE_REFUSED',
        message: `${server} refused user ${decodeURIComponent(url.username)}: wrong user or password.${url.searchParams.has('ssl-mode') ? '' : ' If the server requires TLS for that user, add ?ssl-mode=REQUIRED to the URL.'}`,
      }
    case 'ER_BAD_DB_ERROR':
      return { code: 'DATABASE_REFUSED', message: `there is no database ${database} on ${server}.` }
    case 'ER_DBACCESS_DENIED_ERROR':
      return {
        code: 'DATABASE_REFUSED',
        message: `there is no database ${database} on ${server}, or user ${decodeURIComponent(url.username)} has no rights in it. Is its name right? If so, the README says which GRANT the user needs.`,
      }
    case 'ER_TABLEACCESS_DENIED_ERROR':
    case 'ER_COLUMNACCESS_DENIED_ERROR':
      return {
        code: 'DATABASE_GRANT_MISSING',
        message: missingGrant(error, database, await accountOf(connection)),
      }
    case 'HANDSHAKE_SSL_ERROR':
      return {
        code: 'DATABASE_REFUSED',
        message: `the certificate of ${server} was not accepted (${error.message}). Does ssl-ca name its authority, and does the URL name the host as the certificate does?`,
      }
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return { code: 'DATABASE_REFUSED', message: `${server} offers no TLS, which ssl-mode asks for.` }
    case 'ER_SECURE_TRANSPORT_REQUIRED':
      return {
        code: 'DATABASE_REFUSED',
        message: `${server} requires TLS: add ?ssl-mode=REQUIRED to the URL.`,
      }
    case 'ER_DISK_FULL':
    case 'ER_RECORD_FILE_FULL':
      return { code: 'DATABASE_UNREACHABLE', message: `${server}: ${error.message}. Is the disk full?` }
    case 'ER_OPTION_PREVENTS_STATEMENT':
      return { code: 'DATABASE_READ_ONLY', message: `${server} is read-only (${error.message}).` }
    case 'ER_NO_SUCH_TABLE':
      return { code: 'TABLE_MISSING', message: `${error.message} (database ${database}).` }
    default:
      return undefined
  }
}

const unreachable = (server: string, reason: string): Complaint => ({
  code: 'DATABASE_UNREACHABLE',
  message: `no connection to ${server} (${reason}). Is the server running, and is the address right?`,
})

/** mysql2 has no code for a statement on a connection that has just died, and no name for MariaDB's 1927 (killed). */
const isLostConnection = (error: Error & { errno?: unknown; fatal?: unknown; code?: unknown }): boolean =>
  error.errno === 1927 || (error.fatal === true && error.code === undefined)

interface MysqlError extends Error {
  readonly code: string
}

const isMysqlError = (error: unknown): error is MysqlError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** The account that the server matched. Its host may be a pattern; error messages give the client's host instead. */
async function accountOf(connection: DatabaseConnection | undefined): Promise<string> {
  const query = CompiledQuery.raw('select current_user() as account')
  const rows = await connection?.executeQuery<{ account: string }>(query).then(
    result => result.rows,
    () => [],
  )
  const [, user, host] = /^(.*)@([^@]*)$/.exec(rows?.[0]?.account ?? '') ?? []
  return user === undefined ? 'the account that SELECT CURRENT_USER() names' : `'${user}'@'${host}'`
}

/** Turns "UPDATE command denied to user 'u'@'h' for table `d`.`t`" into the GRANT that an admin runs. */
function missingGrant(error: MysqlError, database: string, account: string): string {
  const denied =
    /^([A-Z, ]+) command denied to user \S+ for (?:table|column '\w+' in table) [`']?(?:\w+[`']?\.[`']?)?(\w+)/
  const [, privilege, table] = denied.exec(error.message) ?? []
  if (!privilege || !table) return `${error.message}. The README says which GRANT the user needs.`
  // For our own tables, all rights at once: otherwise the admin would grant one only to be asked for the next.
  const [rights, scope] = table.startsWith('digest_') ? [OWN_TABLES, '*'] : [privilege, table]
  return `the user may not ${privilege} on table ${table}. As a database admin: GRANT ${rights} ON ${database}.${scope} TO ${account};`
}

const OWN_TABLES = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX'

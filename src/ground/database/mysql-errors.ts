import { CompiledQuery, type DatabaseConnection } from 'kysely'
import type { Complaint } from './database.ts'
import { SENDERS_RIGHTS } from './rights/senders-rights.ts'

/** What an error of MySQL or MariaDB, of the driver or of the network means. */
export async function explain(
  error: unknown,
  url: URL,
  connection?: DatabaseConnection,
  _statement?: string,
  role?: string,
): Promise<Complaint | undefined> {
  if (!(error instanceof Error)) return undefined
  const server = url.searchParams.get('socketPath') ?? `${url.hostname}:${url.port || 3306}`
  if (isLostConnection(error)) return unreachable(server, 'the connection was lost')
  if (isTimeout(error)) {
    return { code: 'DATABASE_UNREACHABLE', message: `${server} gave up: ${error.message}.` }
  }
  if (!isMysqlError(error)) return undefined
  if (isReadOnly(error)) {
    return {
      code: 'DATABASE_READ_ONLY',
      message: `${server} takes no changes (${error.message}). Is another server the primary now?`,
    }
  }
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
    case 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR':
      return unreachable(server, error.code)
    case 'ER_CON_COUNT_ERROR':
    case 'ER_TOO_MANY_USER_CONNECTIONS':
    case 'ER_USER_LIMIT_REACHED':
      return {
        code: 'DATABASE_UNREACHABLE',
        message: `${server} allows no more of it (${error.message}). Raise that limit of the server or the user, or lower connections beside the URL.`,
      }
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return { code: 'DATABASE_REFUSED', message: unknownSignIn(error, server, url) }
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return {
        code: 'DATABASE_REFUSED',
        message: `${server} refused user ${decodeURIComponent(url.username)}: wrong user or password.${fromHost(error)}${url.searchParams.has('ssl-mode') ? '' : ' If the server requires TLS for that user, add ?ssl-mode=REQUIRED to the URL.'}`,
      }
    case 'ER_BAD_DB_ERROR':
      return { code: 'DATABASE_REFUSED', message: `there is no database ${database} on ${server}.` }
    case 'ER_DBACCESS_DENIED_ERROR':
      return {
        code: 'DATABASE_REFUSED',
        message: `there is no database ${database} on ${server}, or user ${decodeURIComponent(url.username)} has no rights in it. Is its name right? If so: ${grantsOfRole(error, database, role)}`,
      }
    case 'ER_TABLEACCESS_DENIED_ERROR':
    case 'ER_COLUMNACCESS_DENIED_ERROR':
      return {
        code: 'DATABASE_GRANT_MISSING',
        message: missingGrant(error, database, await accountOf(connection), role),
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
    case 'ER_NO_SUCH_TABLE':
      return { code: 'TABLE_MISSING', message: `${error.message} (database ${database}).` }
    default:
      return undefined
  }
}

/**
 * Errors of a server that is not the primary, or of a node that its cluster has left behind: the statement has done
 * nothing there, and another server may execute it. By their numbers, because the drivers' names for them differ.
 */
export const isReadOnly = (error: unknown): boolean =>
  error instanceof Error && 'errno' in error && NOT_PRIMARY.has(Number(error.errno))

const NOT_PRIMARY: ReadonlySet<number> = new Set([
  // ER_OPTION_PREVENTS_STATEMENT: read_only, super_read_only.
  1290,
  // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE.
  1792, 1836,
  // ER_UNKNOWN_COM_ERROR: a node of Galera that "has not yet prepared node for application use".
  1047,
])

/** Whether the server lets nobody in, or not us, because too many are connected. */
export const isFull = (error: unknown): boolean => isMysqlError(error) && FULL.includes(error.code)

const FULL = ['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED']

/** Errors of a transaction that collided with another one. */
export const isCollision = (error: unknown): boolean => isMysqlError(error) && COLLISIONS.includes(error.code)

/** The last: a row was deleted to which another transaction has just added a reference. */
const COLLISIONS = ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'ER_ROW_IS_REFERENCED_2']

/** The account signs in by a plugin that the driver does not have, such as MariaDB's ed25519. */
function unknownSignIn(error: MysqlError, server: string, url: URL): string {
  const [, plugin = 'another plugin'] = /plugin '?(\w+)/.exec(error.message) ?? []
  const user = decodeURIComponent(url.username)
  return `${server} asks user ${user} to sign in by ${plugin}, which this program cannot do. As a database admin: ALTER USER '${user}'@'…' IDENTIFIED VIA mysql_native_password USING PASSWORD('…'); on MySQL: IDENTIFIED WITH caching_sha2_password BY '…';`
}

const unreachable = (server: string, reason: string): Complaint => ({
  code: 'DATABASE_UNREACHABLE',
  message: `no connection to ${server} (${reason}). Is the server running, and is the address right?`,
})

/** mysql2 has no code for a statement on a connection that has just died, and no name for MariaDB's 1927 (killed). */
const isLostConnection = (error: Error & { errno?: unknown; fatal?: unknown; code?: unknown }): boolean =>
  error.errno === 1927 || (error.fatal === true && error.code === undefined)

/** Our own limit was reached. mysql2 has no name for MariaDB's 1969; MySQL has 3024. */
const isTimeout = (error: Error & { errno?: unknown }): boolean =>
  error.errno === 1969 || error.errno === 3024

export interface MysqlError extends Error {
  readonly code: string
}

export const isMysqlError = (error: unknown): error is MysqlError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** The server looks for an account of this very host: "Access denied for user 'u'@'h' (using password: YES)". */
function fromHost({ message }: MysqlError): string {
  const [account] = /'[^']*'@'[^']*'/.exec(message) ?? []
  return account === undefined ? '' : ` It saw ${account}.`
}

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

/** For an account without any right, which cannot even open the database. The server names the account. */
function grantsOfRole({ message }: MysqlError, database: string, role: string | undefined): string {
  const [account = "'…'@'…'"] = /'[^']*'@'[^']*'/.exec(message) ?? []
  const places = RIGHTS_OF_ROLES.get(role ?? '') ?? []
  if (places.length === 0) return 'the README says which GRANT the user needs.'
  const grants = places.map(([name, rights]) => `GRANT ${rights} ON ${database}.${name} TO ${account};`)
  return `As a database admin: ${grants.join(' ')}`
}

/** Turns "UPDATE command denied to user 'u'@'h' for table `d`.`t`" into the GRANT that an admin runs. */
function missingGrant(
  error: MysqlError,
  database: string,
  account: string,
  role: string | undefined,
): string {
  const denied =
    /^([A-Z, ]+) command denied to user \S+ for (?:table|column '\w+' in table) [`']?(?:\w+[`']?\.[`']?)?(\w+)/
  const [, privilege, table] = denied.exec(error.message) ?? []
  if (!privilege || !table) return `${error.message}. The README says which GRANT the user needs.`
  const grants = grantsFor(privilege, table, role).map(
    ([rights, scope]) => `GRANT ${rights} ON ${database}.${scope} TO ${account};`,
  )
  return `the user may not ${privilege} on table ${table}. As a database admin: ${grants.join(' ')}`
}

/** All rights at once: otherwise the admin would grant one only to be asked for the next. */
function grantsFor(
  privilege: string,
  table: string,
  role: string | undefined,
): readonly (readonly [rights: string, scope: string])[] {
  const ofLists = role?.endsWith('senders') ? RIGHTS_OF_ROLES.get(role) : undefined
  if (ofLists?.some(([name]) => name === table))
    return ofLists.map(([name, rights]) => [rights, name] as const)
  if (table.startsWith('digest_')) return [[OWN_TABLES, '*']]
  if (AMAVIS_TABLES.has(table) && PURGE_PRIVILEGES.has(privilege)) return purgeGrants()
  const tables = [AMAVIS_TABLES, ISPCONFIG_TABLES, ISPCONFIG_POLICY_TABLES, ISPCONFIG_SERVER_TABLES].find(
    known => known.has(table),
  )
  const rights = tables?.get(table)
  if (!tables || !rights) return [[privilege, table]]
  if (privilege === 'UPDATE') return [['UPDATE (rs)', table]]
  return [
    [rights, table],
    ...[...tables].map(([name, own]) => [own, name] as const).filter(([, name]) => name !== table),
  ]
}

const purgeGrants = () => [...PURGE_RIGHTS].map(([name, rights]) => [rights, name] as const)

/** The least rights that work, as in the README. */
const AMAVIS_TABLES: ReadonlyMap<string, string> = new Map([
  ['maddr', 'SELECT'],
  ['msgs', 'SELECT'],
  ['msgrcpt', 'SELECT, UPDATE (rs)'],
  ['quarantine', 'SELECT'],
])

const PURGE_PRIVILEGES: ReadonlySet<string> = new Set(['DELETE', 'INSERT'])

/** What the purge needs besides, as in its guide. It puts addresses back that new mail names after all. */
const PURGE_RIGHTS: ReadonlyMap<string, string> = new Map([
  ['maddr', 'INSERT, DELETE'],
  ['msgs', 'DELETE'],
  ['msgrcpt', 'DELETE'],
  ['quarantine', 'SELECT, DELETE'],
])

/** The least rights that the directory `ispconfig` needs: some of these tables have passwords and keys beside. */
const ISPCONFIG_TABLES: ReadonlyMap<string, string> = new Map([
  ['mail_domain', 'SELECT (server_id, domain, active)'],
  [
    'mail_user',
    'SELECT (mailuser_id, sys_groupid, server_id, email, name, cc, forward_in_lda, access, postfix, disabledeliver, disablesmtp)',
  ],
  ['mail_forwarding', 'SELECT (forwarding_id, server_id, source, destination, type, active)'],
  ['mail_relay_domain', 'SELECT (server_id, domain, active)'],
  ['mail_relay_recipient', 'SELECT (relay_recipient_id, server_id, source, access, active)'],
  ['mail_mailinglist', 'SELECT (mailinglist_id, server_id, domain, listname)'],
  ['sys_user', 'SELECT (userid, default_group, language)'],
  ['sys_group', 'SELECT (groupid, client_id)'],
  ['client', 'SELECT (client_id, company_name, contact_name, language)'],
])

/** What `doctor` reads of ISPConfig besides, where it may. */
const ISPCONFIG_POLICY_TABLES: ReadonlyMap<string, string> = new Map([
  [
    'spamfilter_policy',
    'SELECT (id, policy_name, virus_lover, spam_lover, banned_files_lover, bad_header_lover, bypass_virus_checks, bypass_spam_checks, bypass_banned_checks, bypass_header_checks, virus_quarantine_to, spam_quarantine_to, banned_quarantine_to, bad_header_quarantine_to, spam_kill_level, spam_quarantine_cutoff_level)',
  ],
  ['spamfilter_users', 'SELECT (id, policy_id, email)'],
  ['spamfilter_wblist', 'SELECT (rid, active)'],
])

/** What the lists of `senders.kind: ispconfig` need. All other columns of a row of a list are written by us. */
const ISPCONFIG_LISTS: ReadonlyMap<string, string> = new Map([
  ['spamfilter_users', 'SELECT (id, server_id, policy_id, email, sys_userid, sys_groupid)'],
  ['spamfilter_wblist', 'SELECT, INSERT, UPDATE (wb, email, priority, active), DELETE'],
  ['mail_user', 'SELECT (email, sys_userid, sys_groupid)'],
  ['server', 'SELECT (server_id, mail_server)'],
])

/** Apart from the others, because `config` holds passwords. */
const ISPCONFIG_SERVER_TABLES: ReadonlyMap<string, string> = new Map([
  ['server', 'SELECT (server_id, server_name, mail_server, config)'],
])

const OWN_TABLES = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX'

/** For roles that have the same tables whatever is configured. */
const RIGHTS_OF_ROLES: ReadonlyMap<string, readonly (readonly [table: string, rights: string])[]> = new Map([
  ['storage', [...AMAVIS_TABLES]],
  ['state', [['*', OWN_TABLES]]],
  ['senders', [...SENDERS_RIGHTS]],
  ['ISPConfig senders', [...ISPCONFIG_LISTS]],
])

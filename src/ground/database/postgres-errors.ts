import { CompiledQuery, type DatabaseConnection } from 'kysely'
import type pg from 'pg'
import { onFirstUse } from '../on-first-use.ts'
import type { Complaint } from './database.ts'
import { SENDERS_RIGHTS, SENDERS_SEQUENCES } from './rights/senders-rights.ts'
import { isCertificateFault } from './tls.ts'
import { decoded } from './url-parameters.ts'

const driver = onFirstUse<typeof pg>('pg')

/** What an error of PostgreSQL, of its driver or of the network means. */
export async function explain(
  error: unknown,
  url: URL,
  connection?: DatabaseConnection,
  statement = '',
  role?: string,
): Promise<Complaint | undefined> {
  if (!(error instanceof Error)) return undefined
  const server = url.searchParams.get('host') ?? `${url.hostname || 'localhost'}:${url.port || 5432}`
  return error instanceof driver().DatabaseError
    ? explainServerError(error, server, url, connection, statement, role)
    : explainDriverError(error, server)
}

/** Whether a server refused a statement because it is no primary (read_only_sql_transaction). */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006'

/** Whether the server, or a pooler before it, lets nobody in, or not us, because too many are connected. */
export const isFull = (error: unknown): boolean =>
  codeOf(error) === '53300' ||
  (codeOf(error) === '08P01' && /no more connections allowed/.test(String(error)))

/**
 * Errors of a transaction that collided with another one: serialization failure, deadlock, and a deleted row to which
 * the other one has just added a reference.
 */
export const isCollision = (error: unknown): boolean =>
  ['40001', '40P01', '23503'].includes(codeOf(error) ?? '')

const codeOf = (error: unknown): string | undefined =>
  error instanceof driver().DatabaseError ? error.code : undefined

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
async function explainServerError(
  error: pg.DatabaseError,
  server: string,
  url: URL,
  connection: DatabaseConnection | undefined,
  statement: string,
  role: string | undefined,
): Promise<Complaint | undefined> {
  const code = error.code ?? ''
  switch (code) {
    case '28P01':
      return refused(`${server} refused user ${decoded(url.username) ?? ''}: wrong user or password.`)
    case '28000':
      return refused(
        `${server} refused the connection: ${error.message}.${lacksTls(error) ? ' Add ?sslmode=require to the URL.' : ''}`,
      )
    case '3D000':
      return refused(`there is no database ${decoded(url.pathname.slice(1)) ?? ''} on ${server}.`)
    case '25006':
      return {
        code: 'DATABASE_READ_ONLY',
        message: `${server} is read-only (${error.message}). Is it a standby server, or another one the primary now?`,
      }
    case '22P05':
      return refused(`${server}: ${error.message}. It needs a database created WITH ENCODING 'UTF8'.`)
    case '42501':
      return {
        code: 'DATABASE_GRANT_MISSING',
        message: await missingGrant(error, url, connection, statement, role),
      }
    case '42P01':
      return {
        code: 'TABLE_MISSING',
        message: `${error.message} (database ${decoded(url.pathname.slice(1))}).`,
      }
    // query_canceled: by our own timeout, or by an admin.
    case '57014':
      return { code: 'DATABASE_UNREACHABLE', message: `${server} gave up: ${error.message}.` }
    // too_many_connections.
    case '53300':
      return {
        code: 'DATABASE_UNREACHABLE',
        message: `${server} allows no more connections (${error.message}). Raise that limit of the server or the user, or lower connections beside the URL.`,
      }
    default:
      if (/statement pooling mode/.test(error.message)) {
        return refused(
          `${server} is a pooler whose pool_mode is statement. Set it to transaction or session.`,
        )
      }
      if (code.startsWith('53'))
        return { code: 'DATABASE_UNREACHABLE', message: `${server}: ${error.message}.` }
      // Connection exceptions and operator intervention: shutting down, starting up, crashed.
      return code.startsWith('08') || code.startsWith('57P') ? unreachable(server, error.message) : undefined
  }
}

/** True when the server may want TLS: pg_hba.conf perhaps has `hostssl` lines only. */
const lacksTls = (error: Error): boolean => error.message.endsWith('no encryption')

function explainDriverError(
  error: Error & { readonly code?: unknown },
  server: string,
): Complaint | undefined {
  if (typeof error.code === 'string' && NETWORK.includes(error.code)) return unreachable(server, error.code)
  if (isCertificateFault(error.code)) {
    return refused(
      `the certificate of ${server} was not accepted (${error.message}). Does sslrootcert name its authority, and does the URL name the host as the certificate does?`,
    )
  }
  if (/does not support SSL connections/.test(error.message)) {
    return refused(`${server} offers no TLS, which sslmode asks for.`)
  }
  if (/client password must be/.test(error.message)) {
    return refused(`${server} asks for a password, and the URL has none.`)
  }
  if (/Unknown authenticationOk message type|SASL: Only mechanism/.test(error.message)) {
    return refused(
      `${server} asks for a way to sign in that this program does not have. In pg_hba.conf, let this user sign in by scram-sha-256.`,
    )
  }
  if (/^Received unexpected \w+ message from backend/.test(error.message)) {
    return refused(`${server} does not speak PostgreSQL's protocol. Is the port right?`)
  }
  return LOST.some(words => error.message.includes(words))
    ? unreachable(server, 'the connection was lost')
    : undefined
}

const NETWORK = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES'],
]

/** The driver has no codes for these. */
const LOST = [
  'Connection terminated',
  'timeout expired',
  'Client has encountered a connection error',
  'Client was closed',
  'There was an error establishing an SSL connection',
]

const refused = (message: string): Complaint => ({ code: 'DATABASE_REFUSED', message })

const unreachable = (server: string, reason: string): Complaint => ({
  code: 'DATABASE_UNREACHABLE',
  message: `no connection to ${server} (${reason}). Is the server running, and is the address right?`,
})

/** Turns "permission denied for table msgs" into the GRANT that an admin runs. */
async function missingGrant(
  error: pg.DatabaseError,
  url: URL,
  connection: DatabaseConnection | undefined,
  statement: string,
  role: string | undefined,
): Promise<string> {
  const [, kind, name] = /^permission denied for (table|schema|sequence) (\S+)$/.exec(error.message) ?? []
  if (!kind || !name) return `${error.message}. The README says which rights the user needs.`
  const user = (await ask(connection, 'select quote_ident(current_user) as answer')) ?? 'THE_USER'
  const database = decoded(url.pathname.slice(1)) ?? user
  if (kind === 'schema') {
    return `${error.message}. As a database admin, in database ${database}: GRANT USAGE, CREATE ON SCHEMA ${name} TO ${user};`
  }
  const isOfSenders = role === 'senders' && (SENDERS_RIGHTS.has(name) || SENDERS_SEQUENCES.includes(name))
  const grants = isOfSenders
    ? [
        ...[...SENDERS_RIGHTS].map(([table, rights]) => `GRANT ${rights} ON ${table} TO ${user};`),
        `GRANT USAGE ON SEQUENCE ${SENDERS_SEQUENCES.join(', ')} TO ${user};`,
      ]
    : name.startsWith('digest_')
      ? [`GRANT SELECT, INSERT, UPDATE, DELETE ON ${(await ask(connection, OUR_TABLES)) ?? name} TO ${user};`]
      : AMAVIS_TABLES.includes(name) && isOfPurge(statement)
        ? [
            `GRANT DELETE ON maddr, msgs, msgrcpt, quarantine TO ${user};`,
            `GRANT SELECT ON quarantine TO ${user};`,
            `GRANT INSERT ON maddr TO ${user};`,
          ]
        : AMAVIS_TABLES.includes(name)
          ? [
              `GRANT SELECT ON maddr, msgs, msgrcpt, quarantine TO ${user};`,
              `GRANT UPDATE (rs) ON msgrcpt TO ${user};`,
            ]
          : [`GRANT SELECT ON ${name} TO ${user};`]
  return `${error.message}. As a database admin, in database ${database}: ${grants.join(' ')}`
}

/** The purge alone deletes there, and puts addresses back. */
const isOfPurge = (statement: string): boolean => /^(delete|insert)\b/i.test(statement)

/** Without `users`, which may be a directory's. */
const AMAVIS_TABLES = ['maddr', 'msgs', 'msgrcpt', 'quarantine']

/** All our tables at once: otherwise the admin would grant one only to be asked for the next. */
const OUR_TABLES = String.raw`
  select string_agg(quote_ident(c.relname), ', ' order by c.relname) as answer
  from pg_class c where c.relkind = 'r' and c.relname like 'digest\_%' and pg_table_is_visible(c.oid)`

/** Resolves to undefined when it cannot ask: a transaction that has failed accepts no more statements. */
async function ask(connection: DatabaseConnection | undefined, query: string): Promise<string | undefined> {
  const answered = connection?.executeQuery<{ answer: string | null }>(CompiledQuery.raw(query)).then(
    result => result.rows,
    () => [],
  )
  return (await answered)?.[0]?.answer ?? undefined
}

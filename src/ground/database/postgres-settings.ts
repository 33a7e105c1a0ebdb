import { MINUTE } from '../durations.ts'

export type PostgresQuery = (
  text: string,
  values?: unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>

/** The slowest statement reads an hour's held mail; with a cold cache it takes 1.4 s. Milliseconds. */
export const STATEMENT_TIMEOUT = MINUTE

/** What a database may be opened with. */
export interface Limits {
  readonly isReadOnly: boolean
  /** Milliseconds. */
  readonly statementTimeout: number
}

/** The statement that makes our settings those of the session. */
export const sessionSettings = (limits: Limits): string => settings(limits, false)

/**
 * Makes our settings those of each transaction, and puts a transaction around each statement that has none. Behind a
 * pooler, what a session sets may stay on a connection that other programs share, and may be missing on the next.
 */
export function withSettingsInTransactions(query: PostgresQuery, limits: Limits): PostgresQuery {
  const ours = settings(limits, true)
  let isOpen = false
  return async (text, values) => {
    if (/^(?:begin|start transaction)\b/.test(text)) {
      const begun = await query(`${text}; ${ours}`)
      isOpen = true
      return begun
    }
    if (/^(?:commit|rollback)$/.test(text)) {
      isOpen = false
      return query(text)
    }
    return isOpen ? query(text, values) : inOwnTransaction(query, ours, text, values)
  }
}

async function inOwnTransaction(
  query: PostgresQuery,
  ours: string,
  text: string,
  values: unknown[] | undefined,
) {
  await query(`begin isolation level read committed; ${ours}`)
  try {
    const result = await query(text, values)
    await query('commit')
    return result
  } catch (error) {
    await query('rollback').catch(() => undefined)
    throw error
  }
}

/**
 * Set for each session or transaction, so that the defaults of a server, a database or a user (ALTER ROLE … SET) do not
 * change what our statements mean and how their answers are read.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  // A database in SQL_ASCII may hold octets that are no UTF-8. The server would check them and refuse the whole answer;
  // without the check, the driver makes them U+FFFD.
  client_encoding: `case current_setting('server_encoding') when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end`,
  standard_conforming_strings: `'on'`,
  bytea_output: `'hex'`,
  DateStyle: `'ISO, YMD'`,
  IntervalStyle: `'postgres'`,
  extra_float_digits: `'1'`,
  transform_null_equals: `'off'`,
  lock_timeout: `'0'`,
  idle_in_transaction_session_timeout: `'${STATEMENT_TIMEOUT}'`,
}

/** @param isLocal whether they end with the transaction */
function settings({ isReadOnly, statementTimeout }: Limits, isLocal: boolean): string {
  // Not for a transaction: each of ours names its level, and one that has begun keeps the level it has.
  const isolation = isLocal ? {} : { default_transaction_isolation: `'read committed'` }
  const readOnly = isLocal ? 'transaction_read_only' : 'default_transaction_read_only'
  const calls = Object.entries({
    ...SETTINGS,
    ...isolation,
    ...(isReadOnly ? { [readOnly]: `'on'` } : {}),
    statement_timeout: `'${statementTimeout}'`,
  }).map(([name, value]) => `set_config('${name}', ${value}, ${isLocal})`)
  return `select ${calls.join(', ')}`
}

import { MINUTE } from '../durations.ts'

export type PostgresQuery = (
  text: string,
  values?: unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>

/** The slowest statement reads an hour's held mail; with a cold cache it takes 1.4 s. Milliseconds. */
export const STATEMENT_TIMEOUT = MINUTE

/** The statement that makes our settings those of the session. */
export const sessionSettings = (): string => settings(false)

/**
 * Makes our settings those of each transaction, and puts a transaction around each statement that has none. Behind a
 * pooler, what a session sets may stay on a connection that other programs share, and may be missing on the next.
 */
export function withSettingsInTransactions(query: PostgresQuery): PostgresQuery {
  let isOpen = false
  return async (text, values) => {
    if (/^(?:begin|start transaction)\b/.test(text)) {
      const begun = await query(`${text}; ${settings(true)}`)
      isOpen = true
      return begun
    }
    if (/^(?:commit|rollback)$/.test(text)) {
      isOpen = false
      return query(text)
    }
    return isOpen ? query(text, values) : inOwnTransaction(query, text, values)
  }
}

async function inOwnTransaction(query: PostgresQuery, text: string, values: unknown[] | undefined) {
  await query(`begin isolation level read committed; ${settings(true)}`)
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
  statement_timeout: `'${STATEMENT_TIMEOUT}'`,
  lock_timeout: `'0'`,
  idle_in_transaction_session_timeout: `'${STATEMENT_TIMEOUT}'`,
}

/** @param isLocal whether they end with the transaction */
const settings = (isLocal: boolean): string => {
  // Not for a transaction: each of ours names its level, and one that has begun keeps the level it has.
  const isolation = isLocal ? {} : { default_transaction_isolation: `'read committed'` }
  const calls = Object.entries({ ...SETTINGS, ...isolation }).map(
    ([name, value]) => `set_config('${name}', ${value}, ${isLocal})`,
  )
  return `select ${calls.join(', ')}`
}

import { Kysely } from 'kysely'
import { CodedError } from '../errors.ts'
import { codedErrors, type Explain } from './coded-errors.ts'
import type { Backend, Database, Opened } from './database.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

const BACKENDS: readonly Backend[] = [mysql, postgres, sqlite]

/** The URL schemes that `connect` understands. */
export const DATABASE_SCHEMES: readonly string[] = BACKENDS.flatMap(backend => backend.schemes)

/**
 * Opens a database lazily: the first statement connects.
 *
 * @param role its name in the configuration (`storage`, `state`); error messages give this name and never the URL
 * @throws CodedError CONFIG_INVALID when no backend knows the scheme, or the backend does not know a parameter
 */
export function connect<Tables>(role: string, address: string): Database<Tables> {
  const url = new URL(address)
  const backend = BACKENDS.find(candidate => candidate.schemes.includes(url.protocol.slice(0, -1)))
  if (!backend) {
    const known = DATABASE_SCHEMES.map(scheme => `${scheme}://`).join(', ')
    throw new CodedError('CONFIG_INVALID', `${role}.url: expected one of ${known}`)
  }
  const { kysely, dialect, pool } = opened(role, backend, url)
  const explain: Explain = (error, connection) => backend.explain(error, url, connection)
  const sql = new Kysely<Tables>({ dialect: codedErrors(kysely, role, explain) })
  return { sql, dialect, pool, [Symbol.asyncDispose]: () => sql.destroy() }
}

function opened(role: string, backend: Backend, url: URL): Opened {
  try {
    return backend.open(url)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new CodedError(error.code, `${role}.url: ${error.message}`, { cause: error })
  }
}

import { Kysely } from 'kysely'
import { CodedError } from '../errors.ts'
import { codedErrors, type Explain } from './coded-errors.ts'
import { NoFreeConnection } from './connection-supply.ts'
import type { Backend, Database, Opened, OpenOptions } from './database.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { repeatElsewhere } from './repeat-elsewhere.ts'
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
export function connect<Tables>(
  role: string,
  address: string,
  options: OpenOptions = { connections: 10 },
): Database<Tables> {
  const url = new URL(address)
  const backend = BACKENDS.find(candidate => candidate.schemes.includes(url.protocol.slice(0, -1)))
  if (!backend) {
    const known = DATABASE_SCHEMES.map(scheme => `${scheme}://`).join(', ')
    throw new CodedError('CONFIG_INVALID', `${role}.url: expected one of ${known}`)
  }
  const { kysely, dialect, pool, demotion } = opened(role, backend, url, options)
  const explain: Explain = async (error, connection, statement) =>
    error instanceof NoFreeConnection
      ? {
          code: 'DATABASE_UNREACHABLE',
          message: `${error.message}. Does connections beside the URL allow enough of them?`,
        }
      : backend.explain(error, url, connection, statement, role)
  const repeating = demotion ? repeatElsewhere(kysely, demotion) : kysely
  const sql = new Kysely<Tables>({ dialect: codedErrors(repeating, role, explain) })
  return { sql, dialect, pool, [Symbol.asyncDispose]: () => sql.destroy() }
}

function opened(role: string, backend: Backend, url: URL, options: OpenOptions): Opened {
  try {
    return backend.open(url, options)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new CodedError(error.code, `${role}.url: ${error.message}`, { cause: error })
  }
}

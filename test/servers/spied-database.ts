import { Kysely, type LogEvent } from 'kysely'
import type { Backend, Database } from '../../src/ground/database/database.ts'
import { mysql } from '../../src/ground/database/mysql.ts'

/** A database as the program opens it, with a record of its statements. */
export interface SpiedDatabase<Tables> extends Database<Tables> {
  /** Every statement so far, in order. */
  readonly statements: Statement[]
}

export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export function openSpied<Tables>(url: string, backend: Backend = mysql): SpiedDatabase<Tables> {
  const statements: Statement[] = []
  const { kysely, dialect } = backend.open(new URL(url), { connections: 10 })
  const log = ({ query: { sql, parameters } }: LogEvent) => void statements.push({ sql, parameters })
  const sql = new Kysely<Tables>({ dialect: kysely, log })
  return { sql, dialect, statements, [Symbol.asyncDispose]: () => sql.destroy() }
}

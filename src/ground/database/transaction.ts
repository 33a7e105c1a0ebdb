import type { Transaction } from 'kysely'
import { CodedError } from '../errors.ts'
import type { Database } from './database.ts'

/**
 * Runs `work` in one READ COMMITTED transaction. Repeats it when it collides with another one, and once, on a new
 * connection, when the server has become read-only. A database with only one isolation level (SQLite: serializable)
 * ignores the request. If `database` is already a transaction, `work` becomes part of it.
 */
export async function inTransaction<Tables, Result>(
  database: Database<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  if (database.sql.isTransaction) return work(database.sql as Transaction<Tables>)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.sql.transaction().setIsolationLevel('read committed').execute(work)
    } catch (error) {
      const isCollision = attempt < ATTEMPTS && database.dialect.isCollision(error)
      if (!isCollision && !(attempt === 1 && isReadOnly(error))) throw error
    }
  }
}

const isReadOnly = (error: unknown): boolean =>
  error instanceof CodedError && error.code === 'DATABASE_READ_ONLY'

const ATTEMPTS = 5

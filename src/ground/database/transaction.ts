import type { Transaction } from 'kysely'
import type { Database } from './database.ts'

/**
 * Runs `work` in one READ COMMITTED transaction, and repeats it when it collides with another one. A database with
 * only one isolation level (SQLite: serializable) ignores the request. If `database` is already a transaction, `work`
 * becomes part of it.
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
      if (attempt === ATTEMPTS || !database.dialect.isCollision(error)) throw error
    }
  }
}

const ATTEMPTS = 5

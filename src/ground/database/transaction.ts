import type { Transaction } from 'kysely'
import type { Database } from './database.ts'

/**
 * Runs `work` in one transaction, READ COMMITTED, and makes it again when it collided with another one. Databases
 * that know one isolation level only (SQLite: serializable) ignore the request. Within another transaction it is a part
 * of that one.
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

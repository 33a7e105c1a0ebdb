import type { Transaction } from 'kysely'
import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'

type State = Database<StateTables>

/** The same database with another way to execute transactions. */
export function withTransactions(
  state: State,
  execute: <Result>(written: (sql: Transaction<StateTables>) => Promise<Result>) => Promise<Result>,
): State {
  const transaction = () => ({ setIsolationLevel: () => ({ execute }) })
  const sql = new Proxy(state.sql, {
    get(target, key) {
      const value = key === 'transaction' ? transaction : Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...state, sql }
}

import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { StateTables } from './state-tables.ts'
import { inTransaction } from './transaction.ts'

/** Runs `work` in a transaction, one after the other for each kind of work, whichever process asks. */
export const inTurn = <Result>(
  state: Database<StateTables>,
  kind: Turn,
  work: (transaction: Transaction<StateTables>) => Promise<Result>,
): Promise<Result> =>
  inTransaction(state, async sql => {
    // A row that is written to hold its lock until the end of the transaction, and never read.
    const turn = sql.insertInto('digest_watermark').values({ name: kind, value: 0 })
    await state.dialect.insertOrUpdate(turn, ['name'], ['value']).execute()
    return work(sql)
  })

export type Turn = 'adding-items' | 'changing-schedules'

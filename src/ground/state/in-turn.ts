import type { Kysely, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import { inTransaction } from '../database/transaction.ts'
import type { StateTables } from './state-tables.ts'

/** Runs `work` in a transaction, one after the other for each kind of work, whichever process asks. */
export const inTurn = <Result>(
  state: Database<StateTables>,
  kind: Turn,
  work: (transaction: Transaction<StateTables>) => Promise<Result>,
): Promise<Result> =>
  inTransaction(state, async sql => {
    await takeTurn(state, sql, kind)
    return work(sql)
  })

/** Waits for the others, and lets them wait until the end of this transaction. */
export async function takeTurn(
  { dialect }: Database<StateTables>,
  sql: Kysely<StateTables>,
  kind: Turn,
): Promise<void> {
  // A row that is written to hold its lock until the end of the transaction, and never read.
  const turn = sql.insertInto('digest_watermark').values({ name: kind, value: 0 })
  await dialect.insertOrUpdate(turn, ['name'], ['value']).execute()
}

export type Turn = 'adding-items' | 'changing-schedules'

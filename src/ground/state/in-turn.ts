import type { Kysely, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import { inTransaction } from '../database/transaction.ts'
import type { StateTables } from './state-tables.ts'

/** Runs `work` in a transaction. For each kind of work, transactions of all processes run one after the other. */
export const inTurn = <Result>(
  state: Database<StateTables>,
  kind: Turn,
  work: (transaction: Transaction<StateTables>) => Promise<Result>,
): Promise<Result> =>
  inTransaction(state, async sql => {
    await takeTurn(state, sql, kind)
    return work(sql)
  })

/** Waits for the other transactions of this kind, and makes later ones wait until the end of this one. */
export async function takeTurn(
  { dialect }: Database<StateTables>,
  sql: Kysely<StateTables>,
  kind: Turn,
): Promise<void> {
  // Writing this row locks it until the end of the transaction. Nobody reads it.
  const turn = sql.insertInto('digest_watermark').values({ name: kind, value: 0 })
  await dialect.insertOrUpdate(turn, ['name'], ['value']).execute()
}

export type Turn = 'adding-items' | 'changing-schedules' | 'purging' | 'signing-in'

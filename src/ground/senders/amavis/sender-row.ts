import type { Database } from '../../database/database.ts'
import { foundOrAdded } from './found-or-added.ts'
import type { LookupTables } from './lookup-tables.ts'
import { priorityOfSender } from './priorities.ts'

/** The id of a sender in `mailaddr`; undefined: there is none. */
export async function senderRow(
  { sql }: Database<LookupTables>,
  sender: string,
): Promise<number | undefined> {
  const row = await sql.selectFrom('mailaddr').select('id').where('email', '=', sender).executeTakeFirst()
  return row && Number(row.id)
}

/** The same, and makes the row if there is none. Lists of several owners share it, so none is ever changed or deleted. */
export const senderRowMade = (database: Database<LookupTables>, sender: string): Promise<number> =>
  foundOrAdded(
    () => senderRow(database, sender),
    () =>
      database.sql
        .insertInto('mailaddr')
        .values({ email: sender, priority: priorityOfSender(sender) })
        .execute(),
  )

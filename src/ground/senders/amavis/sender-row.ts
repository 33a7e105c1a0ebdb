import type { Database } from '../../database/database.ts'
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
export async function senderRowMade(database: Database<LookupTables>, sender: string): Promise<number> {
  const present = await senderRow(database, sender)
  if (present !== undefined) return present
  const row = { email: sender, priority: priorityOfSender(sender) }
  // Another process may add it at this moment.
  await database.dialect.insertNew(database.sql.insertInto('mailaddr').values(row), ['email']).execute()
  const made = await senderRow(database, sender)
  if (made === undefined) throw new Error(`mailaddr has no row for ${sender} although it was just added`)
  return made
}

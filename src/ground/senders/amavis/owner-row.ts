import type { Insertable, Selectable } from 'kysely'
import type { Database } from '../../database/database.ts'
import { EVERYBODY, keyOfRow, lookupOf } from '../../directory/amavis/lookup-keys.ts'
import { foundOrAdded } from './found-or-added.ts'
import type { LookupTables, UsersRow } from './lookup-tables.ts'
import { priorityOfOwner } from './priorities.ts'
import { silentPolicy } from './silent-policy.ts'

/** The id of the row of `users` that has this very key; undefined: there is none. */
export async function ownerRow({ sql }: Database<LookupTables>, key: string): Promise<number | undefined> {
  const row = await sql.selectFrom('users').select('id').where('email', '=', key).executeTakeFirst()
  return row && Number(row.id)
}

/**
 * The same, and makes the row if there is none. amavisd takes each field from the first row that fits a recipient and
 * says something. So the new row repeats what the best of the others says, and stands before it; where there is no
 * other, it says nothing. Then nothing but the lists changes for those recipients. Only in a table without the column
 * `local`, amavisd takes every recipient that has a row for local.
 *
 * @param delimiter the characters that begin the extension of an address: see `withoutExtension`
 */
export const ownerRowMade = (
  database: Database<LookupTables>,
  key: string,
  delimiter: string,
): Promise<number> =>
  foundOrAdded(
    () => ownerRow(database, key),
    async () =>
      database.sql
        .insertInto('users')
        .values(await newRow(database, key, delimiter))
        .execute(),
  )

async function newRow(
  database: Database<LookupTables>,
  key: string,
  delimiter: string,
): Promise<Insertable<UsersRow>> {
  const best = await bestOfOthers(database, key, delimiter)
  return {
    email: key,
    priority: await priorityOfOwner(database, key, best?.priority),
    policy_id: best ? best.policy_id : await silentPolicy(database),
    // Says nothing where no row said anything: the column may be missing then, and is NULL by default.
    ...(best?.local === undefined ? {} : { local: best.local }),
  }
}

/** The row whose fields amavisd takes first for those whom this key means. */
async function bestOfOthers(
  { sql }: Database<LookupTables>,
  key: string,
  delimiter: string,
): Promise<Selectable<UsersRow> | undefined> {
  const wider = widerKeys(key, delimiter)
  if (wider.length === 0) return undefined
  const rows = await sql.selectFrom('users').selectAll().where('email', 'in', wider).execute()
  const rank = (row: Selectable<UsersRow>) => wider.indexOf(keyOfRow(row.email) ?? '')
  return rows.toSorted((one, other) => other.priority - one.priority || rank(one) - rank(other))[0]
}

/** What else amavisd looks up for a recipient of this key, the most specific first. */
function widerKeys(key: string, delimiter: string): readonly string[] {
  if (key === EVERYBODY) return []
  const { own, domains } = lookupOf(key.replace(/^@\.?/, 'x@'), delimiter)
  // `@.example.com` is not below `@example.com`, but the other way round.
  const wider = key.startsWith('@.') ? domains.slice(1) : domains
  // Of `bob+list@example.com`, also `bob@example.com`.
  return [...own.slice(1), ...wider, EVERYBODY].filter(each => each !== key)
}

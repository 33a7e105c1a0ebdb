import type { Kysely } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import type { DirectoryReader } from '../directory.ts'
import { ownerName } from '../owner-facts.ts'
import { languageOf } from './languages.ts'
import type { IspconfigTables } from './tables.ts'

/** What the panel knows of the client whose mailbox it is. */
export type Owner = Pick<DirectoryReader, 'language' | 'client'>

/** Finds owners by the group that their mailboxes belong to (`sys_group.groupid`). */
export async function ownersOf(
  sql: Kysely<IspconfigTables>,
  groups: readonly number[],
): Promise<ReadonlyMap<number, Owner>> {
  const owners = new Map<number, Owner>()
  for (const ids of chunks(groups)) {
    const languages = await languagesOf(sql, ids)
    for (const row of await clientsOf(sql, ids)) {
      const language = languages.get(row.groupid) ?? languageOf(row.language)
      owners.set(row.groupid, {
        language,
        client: ownerName(row.company_name) ?? ownerName(row.contact_name),
      })
    }
    // An admin's own mailboxes belong to a group without a client.
    for (const [group, language] of languages) if (!owners.has(group)) owners.set(group, { language })
  }
  return owners
}

/** The language in which each group's user sees the panel. The table has no index for it, and a row for each client. */
async function languagesOf(
  sql: Kysely<IspconfigTables>,
  groups: readonly number[],
): Promise<ReadonlyMap<number, string | undefined>> {
  const rows = await sql
    .selectFrom('sys_user')
    .select(['userid', 'default_group', 'language'])
    .where('default_group', 'in', groups)
    .execute()
  const eldestLast = rows.toSorted((a, b) => b.userid - a.userid)
  return new Map(eldestLast.map(row => [row.default_group, languageOf(row.language)]))
}

const clientsOf = (sql: Kysely<IspconfigTables>, groups: readonly number[]) =>
  sql
    .selectFrom('sys_group')
    .innerJoin('client', 'client.client_id', 'sys_group.client_id')
    .select(['sys_group.groupid', 'client.company_name', 'client.contact_name', 'client.language'])
    .where('sys_group.groupid', 'in', groups)
    .execute()

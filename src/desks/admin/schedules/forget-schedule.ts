import type { Kysely } from 'kysely'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { SETTING_COLUMNS } from '../../../rules/settings/setting-fields.ts'
import { textsNaming, withoutName } from '../../../work/schedules/schedule-users.ts'

/**
 * Takes a removed schedule out of all settings. Where it was the only schedule, the wider settings hold again. A row in
 * which nothing else is set is deleted.
 */
export async function forgetSchedule(sql: Kysely<StateTables>, name: string, now: number): Promise<void> {
  for (let lists = await listsToChange(sql, name); lists.size > 0; lists = await listsToChange(sql, name)) {
    for (const [text, others] of lists) await replaceList(sql, text, others, now)
  }
  await removeEmpty(sql, now)
}

/** SQLite's LIKE also finds names that differ in case: lists that hold only such a name stay as they are. */
async function listsToChange(sql: Kysely<StateTables>, name: string): Promise<Map<string, string | null>> {
  const lists = (await textsNaming(sql, name)).map(text => [text, withoutName(text, name)] as const)
  return new Map(lists.filter(([text, others]) => text !== others))
}

async function replaceList(
  sql: Kysely<StateTables>,
  text: string,
  schedules: string | null,
  now: number,
): Promise<void> {
  await sql
    .updateTable('digest_preference')
    .set(({ eb }) => ({ schedules, version: eb('version', '+', 1), updated_at: now }))
    .where('schedules', '=', text)
    .execute()
}

async function removeEmpty(sql: Kysely<StateTables>, now: number): Promise<void> {
  let query = sql.deleteFrom('digest_preference').where('updated_at', '=', now)
  for (const column of SETTING_COLUMNS) query = query.where(column, 'is', null)
  await query.execute()
}

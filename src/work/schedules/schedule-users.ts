import type { Kysely } from 'kysely'
import { jsonList } from '../../ground/database/json-list.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** How many settings name a schedule. */
export interface ScheduleUsers {
  readonly readers: number
  readonly domains: number
  /** Whether the settings for everybody do. */
  readonly everybody: boolean
}

/** @param name a valid name of a schedule, so none of its characters is special in LIKE or in JSON */
export async function scheduleUsers(sql: Kysely<StateTables>, name: string): Promise<ScheduleUsers> {
  const row = await sql
    .selectFrom('digest_preference')
    .select(({ fn, eb }) => [
      fn.countAll().as('all'),
      fn.sum(eb.case().when('scope', 'like', '@%').then(1).else(0).end()).as('wide'),
      fn.sum(eb.case().when('scope', '=', '@').then(1).else(0).end()).as('everybody'),
    ])
    .where('schedules', 'like', naming(name))
    .executeTakeFirstOrThrow()
  const [all, wide, everybody] = [Number(row.all), Number(row.wide ?? 0), Number(row.everybody ?? 0)]
  return { readers: all - wide, domains: wide - everybody, everybody: everybody > 0 }
}

/** The first scopes whose settings name the schedule, in octet order. */
export async function scopesNaming(sql: Kysely<StateTables>, name: string, limit: number): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_preference')
    .select('scope')
    .where('schedules', 'like', naming(name))
    .orderBy('scope')
    .limit(limit)
    .execute()
  return rows.map(({ scope }) => scope)
}

/** The different lists of schedules in settings that name this one; a few hundred at most. */
export async function listsNaming(sql: Kysely<StateTables>, name: string): Promise<string[][]> {
  return (await textsNaming(sql, name)).map(text => jsonList(text) ?? [])
}

/** The same lists as the texts in the column. */
export async function textsNaming(sql: Kysely<StateTables>, name: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_preference')
    .select('schedules')
    .distinct()
    .where('schedules', 'like', naming(name))
    .limit(MOST_LISTS)
    .execute()
  return rows.flatMap(({ schedules }) => schedules ?? [])
}

/** Such a text without the name; null when no name is left, or the text is not a list. */
export function withoutName(text: string, name: string): string | null {
  const others = (jsonList(text) ?? []).filter(listed => listed !== name)
  return others.length > 0 ? JSON.stringify(others) : null
}

/** How many settings name the schedule altogether. */
export const countUsers = ({ readers, domains, everybody }: ScheduleUsers): number =>
  readers + domains + Number(everybody)

/** `3 readers and 1 domain`. */
export function usersText({ readers, domains, everybody }: ScheduleUsers): string {
  const parts = [
    ...(everybody ? ['everybody'] : []),
    ...(domains > 0 ? [`${domains} domain${domains === 1 ? '' : 's'}`] : []),
    ...(readers > 0 ? [`${readers} reader${readers === 1 ? '' : 's'}`] : []),
  ]
  return new Intl.ListFormat('en').format(parts)
}

const MOST_LISTS = 500

/** A pattern for LIKE: the column is a JSON list of strings. */
const naming = (name: string): string => `%"${name}"%`

import type { AliasableExpression } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

type State = Pick<Database<StateTables>, 'sql'>

/** How many there are, and for how long. */
export interface Lot {
  readonly count: number
  /** When the oldest one began, in milliseconds since the epoch; undefined when there is none. */
  readonly since: number | undefined
}

/** How many rows a query gives. */
export async function countOf({ sql }: State, rows: AliasableExpression<object>): Promise<number> {
  const counted = sql.selectFrom(rows.as('counted')).select(({ fn }) => fn.countAll().as('number'))
  return Number((await counted.executeTakeFirstOrThrow()).number)
}

/** @param rows each with the time at which it began */
export async function lotOf(
  { sql }: State,
  rows: AliasableExpression<{ readonly since: number }>,
): Promise<Lot> {
  const { count, since } = await sql
    .selectFrom(rows.as('counted'))
    .select(({ fn }) => [fn.countAll().as('count'), fn.min('counted.since').as('since')])
    .executeTakeFirstOrThrow()
  return { count: Number(count), since: since === null ? undefined : Number(since) }
}

/** What is found under each name. One after the other: nobody who looks shall take all connections of the pool. */
export async function eachOf<Name extends string, Found>(
  names: readonly Name[],
  find: (name: Name) => Promise<Found>,
): Promise<Record<Name, Found>> {
  const found: [Name, Found][] = []
  for (const name of names) found.push([name, await find(name)])
  return Object.fromEntries(found) as Record<Name, Found>
}

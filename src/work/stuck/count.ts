import type { AliasableExpression } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

type State = Pick<Database<StateTables>, 'sql'>

/** The number of rows, and the time of the oldest. */
export interface CountSince {
  readonly count: number
  /** The time of the oldest row, in milliseconds since the epoch; undefined when there is none. */
  readonly since: number | undefined
}

/** Counts the rows of a query. */
export async function countOf({ sql }: State, rows: AliasableExpression<object>): Promise<number> {
  const counted = sql.selectFrom(rows.as('counted')).select(({ fn }) => fn.countAll().as('number'))
  return Number((await counted.executeTakeFirstOrThrow()).number)
}

/** Counts the rows of a query, and finds the oldest. @param rows each with its time as `since` */
export async function countSince(
  { sql }: State,
  rows: AliasableExpression<{ readonly since: number }>,
): Promise<CountSince> {
  const { count, since } = await sql
    .selectFrom(rows.as('counted'))
    .select(({ fn }) => [fn.countAll().as('count'), fn.min('counted.since').as('since')])
    .executeTakeFirstOrThrow()
  return { count: Number(count), since: since === null ? undefined : Number(since) }
}

/** Runs a query for each name. One after another, so that one caller never takes the whole pool. */
export async function findForEach<Name extends string, Found>(
  names: readonly Name[],
  find: (name: Name) => Promise<Found>,
): Promise<Record<Name, Found>> {
  const found: [Name, Found][] = []
  for (const name of names) found.push([name, await find(name)])
  return Object.fromEntries(found) as Record<Name, Found>
}

import type { Statement } from './spied-database.ts'
import type { Storage } from './storage.ts'

/** How MariaDB gets at the rows of one table of a statement. */
export interface Step {
  readonly table: string
  readonly key: string | null
  /** The table or a whole index of it, from end to end. */
  readonly readsAll: boolean
  /** Without an index: the more rows, the longer the wait for the first one. */
  readonly sorts: boolean
}

/** The plan of a statement as the tables are now; undefined for one that has none (BEGIN, INSERT … VALUES). */
export async function planOf(world: Storage, { sql, parameters }: Statement): Promise<Step[] | undefined> {
  if (!/^(select|update|delete)\b/i.test(sql)) return undefined
  const rows = await world.query<ExplainRow>(`EXPLAIN ${sql}`, parameters)
  // <derived2> and the like hold what another step has read.
  const steps = rows.filter(({ table }) => !table?.startsWith('<'))
  return steps.map(({ table, type, key, Extra }) => ({
    table: table ?? Extra,
    key,
    readsAll: type === 'ALL' || type === 'index',
    sorts: /filesort|temporary/.test(Extra),
  }))
}

interface ExplainRow {
  /** Null where a constant key leads to no row. */
  readonly table: string | null
  readonly type: string | null
  readonly key: string | null
  readonly Extra: string
}

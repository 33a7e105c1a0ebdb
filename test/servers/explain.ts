import type { Statement } from './spied-database.ts'
import type { Storage } from './storage.ts'

/** How MariaDB reads the rows of one table of a statement. */
export interface Step {
  readonly table: string
  readonly key: string | null
  /** Whether it reads the whole table or a whole index. */
  readonly readsAll: boolean
  /** Whether it sorts without an index: the more rows, the later comes the first one. */
  readonly sorts: boolean
}

/** The plan of a statement with the current rows; undefined for a statement without a plan (BEGIN, INSERT … VALUES). */
export async function planOf(world: Storage, { sql, parameters }: Statement): Promise<Step[] | undefined> {
  if (!/^(select|update|delete)\b/i.test(sql)) return undefined
  const rows = await world.query<ExplainRow>(`EXPLAIN ${sql}`, parameters)
  // <derived2> and the like are rows that another step has read.
  const steps = rows.filter(({ table }) => !table?.startsWith('<'))
  return steps.map(({ table, type, key, Extra }) => ({
    table: table ?? Extra,
    key,
    readsAll: type === 'ALL' || type === 'index',
    sorts: /filesort|temporary/.test(Extra),
  }))
}

interface ExplainRow {
  /** Null if a constant key leads to no row. */
  readonly table: string | null
  readonly type: string | null
  readonly key: string | null
  readonly Extra: string
}

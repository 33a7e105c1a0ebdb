import { sql } from 'kysely'
import type { Inspection } from './inspection.ts'

/** From SQLite's pragmas. A file knows neither accounts nor character sets. */
export const sqliteInspection: Inspection = {
  async indexes(database) {
    const { rows } = await sql<{ place: string; keyname: string; columnname: string | null }>`
      select m.name as place, l.name as keyname, i.name as columnname
      from sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
      where m.type = 'table' order by m.name, l.name, i.seqno`.execute(database)
    const byIndex = Map.groupBy(rows, ({ place, keyname }) => `${place} ${keyname}`)
    return [...byIndex.values()].map(parts => ({
      table: parts[0]?.place.toLowerCase() ?? '',
      columns: parts.map(({ columnname }) => (columnname ?? '(expression)').toLowerCase()),
    }))
  },
  withoutTransactions: async () => [],
  lossyColumns: async () => [],
  rights: async () => [],
}

import { sql } from 'kysely'
import type { Inspection, Right } from './inspection.ts'

/** From `information_schema` of MySQL and MariaDB, and from SHOW GRANTS. */
export const mysqlInspection: Inspection = {
  async indexes(database) {
    const { rows } = await sql<{ place: string; keyname: string; columnname: string }>`
      select table_name as place, index_name as keyname, column_name as columnname
      from information_schema.statistics where table_schema = database()
      order by table_name, index_name, seq_in_index`.execute(database)
    const byIndex = Map.groupBy(rows, ({ place, keyname }) => `${place} ${keyname}`)
    return [...byIndex.values()].map(parts => ({
      table: parts[0]?.place.toLowerCase() ?? '',
      columns: parts.map(({ columnname }) => columnname.toLowerCase()),
    }))
  },
  async withoutTransactions(database) {
    const { rows } = await sql<{ place: string; engine: string }>`
      select t.table_name as place, t.engine as engine from information_schema.tables t
      join information_schema.engines e on e.engine = t.engine
      where t.table_schema = database() and t.table_type = 'BASE TABLE' and coalesce(e.transactions, 'NO') <> 'YES'`.execute(
      database,
    )
    return rows.map(({ place, engine }) => ({ table: place.toLowerCase(), engine }))
  },
  async lossyColumns(database) {
    const { rows } = await sql<{ place: string; columnname: string; charset: string }>`
      select table_name as place, column_name as columnname, character_set_name as charset
      from information_schema.columns
      where table_schema = database() and character_set_name is not null
        and character_set_name not in ('utf8mb4', 'utf16', 'utf32', 'utf16le', 'gb18030')`.execute(database)
    return rows.map(({ place, columnname, charset }) => ({
      table: place.toLowerCase(),
      column: columnname.toLowerCase(),
      charset,
    }))
  },
  async rights(database) {
    const { rows } = await sql<Record<string, string>>`show grants`.execute(database)
    return rows.flatMap(row => rightsIn(Object.values(row)[0] ?? ''))
  },
}

/**
 * Reads one line of SHOW GRANTS, such as ``GRANT SELECT, UPDATE (`rs`) ON `db`.`msgrcpt` TO `u`@`h` ``. One that grants
 * a role has no rights of its own.
 */
export function rightsIn(line: string): Right[] {
  const [, privileges, place, account = ''] = /^GRANT (.+?) ON (?:TABLE )?(\S+) TO (\S+)/.exec(line) ?? []
  if (privileges === undefined || place === undefined) return []
  const [database, table] = place.split('.').map(unquoted)
  const reach: Right['reach'] = database === '*' ? 'server' : table === '*' ? 'database' : 'table'
  const where = {
    database: database === '*' ? undefined : database,
    table: table === '*' ? undefined : table,
    account: account.replaceAll('`', "'"),
  }
  // A comma within parentheses stands between columns.
  const named = privileges.split(/, (?![^(]*\))/).flatMap((text): Right[] => {
    const [, privilege = '', columns] = /^([^(]+?)(?: \((.*)\))?$/.exec(text) ?? []
    const right: Right = { ...where, privilege: privilege.toUpperCase(), reach }
    if (columns === undefined) return [right]
    return columns.split(', ').map(column => ({ ...right, reach: 'column', column: unquoted(column) }))
  })
  const passedOn: Right = { ...where, privilege: 'GRANT OPTION', reach }
  return line.includes(' WITH GRANT OPTION') ? [...named, passedOn] : named
}

/** The name of a database in a grant is a pattern, in which `_` is escaped. */
const unquoted = (name: string): string => name.replaceAll('`', '').replaceAll('\\', '')

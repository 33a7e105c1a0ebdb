import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'

/** How many statements a MariaDB has executed so far. */
export async function statementsOf(database: MariaDbStorage): Promise<number> {
  return (await statusOf(database)).get('Questions') ?? Number.NaN
}

/**
 * How many statements of some work are like a pattern of SQL. The server writes all of them down meanwhile, so this is no
 * time to look at a clock.
 *
 * @throws Error when there is none: a pattern that is out of date would meet any target
 */
export async function statementsLike(
  { server }: MariaDbStorage,
  pattern: string,
  work: () => Promise<unknown>,
): Promise<number> {
  await asRoot(
    server,
    `SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1`,
  )
  await work()
  await asRoot(server, 'SET GLOBAL general_log = 0')
  const [row] = await asRoot(
    server,
    `SELECT COUNT(*) AS statements FROM mysql.general_log
     WHERE command_type IN ('Query', 'Execute') AND argument LIKE '${pattern}'`,
  )
  const statements = Number(row?.statements)
  if (!(statements > 0)) throw new Error(`no statement is like ${pattern}`)
  return statements
}

/** What a MariaDB has written so far. */
export interface Written {
  readonly rows: number
  /** Statements that write. Each is at most one flush of the log. */
  readonly statements: number
  /** Octets of its log. */
  readonly log: number
}

export async function writtenBy(database: MariaDbStorage): Promise<Written> {
  const status = await statusOf(database)
  const sum = (...names: readonly string[]) =>
    names.reduce((total, name) => total + (status.get(name) ?? 0), 0)
  return {
    rows: sum('Handler_write', 'Handler_update', 'Handler_delete'),
    statements: sum('Com_insert', 'Com_insert_select', 'Com_update', 'Com_update_multi', 'Com_delete'),
    log: sum('Innodb_os_log_written'),
  }
}

async function statusOf({ query }: MariaDbStorage): Promise<Map<string, number>> {
  const rows = await query<{ Variable_name: string; Value: string }>('SHOW GLOBAL STATUS')
  return new Map(rows.map(row => [row.Variable_name, Number(row.Value)]))
}

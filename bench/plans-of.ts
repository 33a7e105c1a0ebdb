import { CompiledQuery } from 'kysely'
import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { mysql } from '../src/ground/database/mysql.ts'
import { postgres } from '../src/ground/database/postgres.ts'
import { sqlite } from '../src/ground/database/sqlite.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { openSpied, type SpiedDatabase, type Statement } from '../test/servers/spied-database.ts'
import type { FilledKind } from './quarantine-rows.ts'
import { type RowsRead, rowsReadBy } from './rows-read.ts'

/** How the database runs one kind of statement. */
export interface Plan {
  readonly statement: string
  /** The lines of the plan. */
  readonly steps: readonly string[]
  /** Whether it reads a whole table that is not nearly empty. */
  readonly readsAll: boolean
  /** Undefined for a change, and on SQLite. */
  readonly rows: RowsRead | undefined
}

/**
 * The plans of all statements of some work, each kind once: those that differ in values and in their number are one.
 * They are the plans of the end, on the tables as the work has left them.
 */
export async function plansOf(
  url: string,
  kind: FilledKind,
  work: (storage: SpiedDatabase<AmavisTables>, state: SpiedDatabase<StateTables>) => Promise<unknown>,
): Promise<Plan[]> {
  const backend = BACKENDS[kind]
  await using storage = openSpied<AmavisTables>(url, backend)
  await using state = openSpied<StateTables>(url, backend)
  await work(storage, state)
  const kinds = new Map<string, Statement>()
  for (const statement of [...storage.statements, ...state.statements])
    if (/^(?:select|update|delete)\b/i.test(statement.sql)) kinds.set(shapeOf(statement), statement)
  const plans: Plan[] = []
  for (const [statement, { sql, parameters }] of kinds) {
    const explain = CompiledQuery.raw(`${EXPLAIN[kind]} ${sql}`, [...parameters])
    const { rows } = await storage.sql.executeQuery<Readonly<Record<string, unknown>>>(explain)
    const counted = await rowsReadBy(storage, kind, { sql, parameters })
    plans.push({
      statement,
      steps: rows.map(stepOf),
      readsAll: counted ? counted.scanned > FEW : rows.some(readsAll),
      rows: counted,
    })
  }
  return plans
}

const BACKENDS = { mariadb: mysql, postgres, sqlite }

const EXPLAIN = { mariadb: 'explain', postgres: 'explain', sqlite: 'explain query plan' }

/** Its text without the values, however many there are. */
const shapeOf = ({ sql }: Statement): string =>
  sql.replaceAll(/\((?:\?|\$\d+)(?:, (?:\?|\$\d+))*\)/g, '(…)').replaceAll(/\$\d+/g, '?')

/** A row of EXPLAIN: of PostgreSQL and SQLite a line, of MariaDB columns. */
const stepOf = (row: Readonly<Record<string, unknown>>): string =>
  lineOf(row) ?? ['table', 'type', 'key', 'rows', 'Extra'].map(name => `${row[name] ?? '-'}`).join(' ')

function lineOf({
  detail,
  'QUERY PLAN': line = detail,
}: Readonly<Record<string, unknown>>): string | undefined {
  return line === undefined ? undefined : String(line)
}

/**
 * For statements whose rows are not counted. SQLite does not say how many rows a table has, and PostgreSQL only how many
 * it expects to find there.
 */
function readsAll(row: Readonly<Record<string, unknown>>): boolean {
  const line = lineOf(row)
  if (line === undefined) return row.type === 'ALL' && Number(row.rows) > FEW
  const scanned = /Seq Scan on .*rows=(\d+)/.exec(line)
  return /^SCAN (?!CONSTANT|\d+ CONSTANT)/.test(line) || (scanned !== null && Number(scanned[1]) > FEW)
}

/** So many rows a server may read without an index: of the tables of quick runs, it finds hundreds of rows sooner so. */
const FEW = 10_000

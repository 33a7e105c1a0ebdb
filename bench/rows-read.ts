import { CompiledQuery } from 'kysely'
import type { SpiedDatabase, Statement } from '../test/servers/spied-database.ts'
import type { FilledKind } from './quarantine-rows.ts'

/** What a SELECT costs. */
export interface RowsRead {
  /** Rows that the server read in all tables together. */
  readonly read: number
  /** Those of them that it read without an index. */
  readonly scanned: number
  /** Rows of the result. */
  readonly found: number
}

/**
 * Runs a SELECT again, and counts rows.
 *
 * @returns undefined for another statement, and on SQLite, which does not count what it reads
 */
export async function rowsReadBy<Tables>(
  { sql: database }: SpiedDatabase<Tables>,
  kind: FilledKind,
  { sql, parameters }: Statement,
): Promise<RowsRead | undefined> {
  if (kind === 'sqlite' || !/^select\b/i.test(sql)) return undefined
  const { rows } = await database.executeQuery(CompiledQuery.raw(sql, [...parameters]))
  const analyse = CompiledQuery.raw(`${ANALYSE[kind]} ${sql}`, [...parameters])
  const [answer] = (await database.executeQuery<Readonly<Record<string, unknown>>>(analyse)).rows
  const [plan] = Object.values(answer ?? {})
  const all = typeof plan === 'string' ? (JSON.parse(plan) as unknown) : plan
  const { readBy, isScan } = NODES[kind]
  return {
    read: sumOf(all, readBy),
    scanned: sumOf(all, node => (isScan(node) ? readBy(node) : 0)),
    found: rows.length,
  }
}

const ANALYSE = { mariadb: 'analyze format=json', postgres: 'explain (analyze, format json)' }

/** The counts are for each time that a table was read, and come without the rows that a condition dropped. */
const NODES = {
  mariadb: {
    readBy: (node: Node) => ('table_name' in node ? numberOf(node.r_rows) * numberOf(node.r_loops) : 0),
    isScan: (node: Node) => node.access_type === 'ALL',
  },
  postgres: {
    readBy: (node: Node) =>
      'Relation Name' in node
        ? (numberOf(node['Actual Rows']) +
            numberOf(node['Rows Removed by Filter']) +
            numberOf(node['Rows Removed by Index Recheck'])) *
          numberOf(node['Actual Loops'])
        : 0,
    isScan: (node: Node) => node['Node Type'] === 'Seq Scan',
  },
}

type Node = Readonly<Record<string, unknown>>

/** Adds up what each object of a plan says, however deep. */
function sumOf(plan: unknown, ofNode: (node: Node) => number): number {
  if (typeof plan !== 'object' || plan === null) return 0
  const below = Object.values(plan).map(value => sumOf(value, ofNode))
  return below.reduce((sum, number) => sum + number, Array.isArray(plan) ? 0 : ofNode(plan as Node))
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

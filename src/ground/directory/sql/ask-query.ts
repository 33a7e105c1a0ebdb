import { type Kysely, type RawBuilder, sql } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import { type Octets, textOf } from '../../database/text.ts'
import { CodedError } from '../../errors.ts'
import { databaseAnswer } from '../database-answer.ts'
import { writtenForms } from '../written-forms.ts'
import type { QueryPieces } from './query-text.ts'

/** A row that an admin's query has for an address. A column that is missing or no text is null. */
export interface QueryRow {
  readonly reader: string | null
  readonly language: string | null
  readonly timeZone: string | null
  readonly name: string | null
}

/**
 * Asks an admin's query about many addresses with few statements: each has the query a hundred times.
 *
 * @param addresses in the form of `readerAddress`; the query is also asked with the domain as people read it
 * @returns the rows of each address that has any, `MAX_ROWS` and one more at most
 * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED
 */
export async function askQuery(
  database: Kysely<unknown>,
  pieces: QueryPieces,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly QueryRow[]>> {
  const questions = addresses.flatMap(address => writtenForms(address).map(written => ({ address, written })))
  const found = new Map<string, QueryRow[]>()
  for (const chunk of chunks(questions, chunkSize(pieces))) {
    const statement = together(chunk.map(({ written }, place) => placed(pieces, written, place)))
    const { rows } = await databaseAnswer('directory.query', () => statement.execute(database))
    for (const row of rows) {
      const address = chunk[Number(row[PLACE])]?.address
      if (address === undefined) continue
      found.set(address, [...(found.get(address) ?? []), queryRow(row)])
    }
  }
  return found
}

/** How many readers an address may have. */
export const MAX_ROWS = 100

/** SQLite takes 500 parts of a compound query, PostgreSQL 65,535 parameters. */
const chunkSize = (pieces: QueryPieces): number =>
  Math.max(1, Math.min(MAX_PARTS, Math.floor(MAX_PARAMETERS / (pieces.length - 1))))

const MAX_PARTS = 100
const MAX_PARAMETERS = 10_000

type Row = Readonly<Record<string, unknown>>

const together = (parts: readonly RawBuilder<Row>[]): RawBuilder<Row> =>
  sql<Row>`${sql.join(parts, sql` union all `)}`

/** The line break ends a comment at the end of a piece. The limit is for a query that has forgotten its condition. */
function placed([first, ...rest]: QueryPieces, address: string, place: number): RawBuilder<Row> {
  const query = sql.join([sql.raw(first), ...rest.map(piece => sql`${address}${sql.raw(piece)}`)], sql``)
  return sql`select * from (select ${sql.lit(place)} as ${sql.raw(PLACE)}, q.* from (${query}
    ) q limit ${sql.lit(MAX_ROWS + 1)}) r`
}

/** The column that says which address a row is about. */
const PLACE = 'amavis_digest_place'

function queryRow(row: Row): QueryRow {
  const columns = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
  if (!columns.has('reader')) {
    const names = [...columns.keys()].filter(name => name !== PLACE).slice(0, 20)
    throw new CodedError(
      'DIRECTORY_REFUSED',
      `directory.query has no column named reader, only ${names.join(', ')}. Name it so: SELECT … AS reader`,
    )
  }
  return {
    reader: textIn(columns.get('reader')),
    language: textIn(columns.get('language')),
    timeZone: textIn(columns.get('time_zone') ?? columns.get('timezone')),
    name: textIn(columns.get('name')),
  }
}

const textIn = (value: unknown): string | null =>
  typeof value === 'string' || value instanceof Uint8Array ? textOf(value satisfies Octets) : null

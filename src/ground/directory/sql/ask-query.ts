import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Octets, textOf } from '../../database/text.ts'
import { CodedError } from '../../errors.ts'
import { asFarAsStored } from '../as-far-as-stored.ts'
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
 * Asks an admin's query about many addresses with few statements: each has the query twenty-five times.
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
  const rows = await asFarAsStored(
    questions,
    ({ written }) => written,
    chunkSize(pieces),
    some => rowsFor(database, pieces, some),
  )
  const found = new Map<string, QueryRow[]>()
  for (const { address, row } of rows) found.set(address, [...(found.get(address) ?? []), row])
  return found
}

/** How many readers an address may have. */
export const MAX_ROWS = 100

/** With fewer or more, MariaDB and PostgreSQL take longer. SQLite takes 500 parts, PostgreSQL 65,535 parameters. */
const chunkSize = (pieces: QueryPieces): number =>
  Math.max(1, Math.min(MAX_PARTS, Math.floor(MAX_PARAMETERS / (pieces.length - 1))))

const MAX_PARTS = 25
const MAX_PARAMETERS = 10_000

interface Question {
  readonly address: string
  /** The spelling to ask with. */
  readonly written: string
}

interface Found {
  readonly address: string
  readonly row: QueryRow
}

/**
 * A query that has forgotten its condition has as many rows as there are mailboxes, so the answer is limited. If it
 * reaches the limit, the addresses are asked about in halves, until one alone has too many. A limit for each address
 * would make MariaDB take six times as long.
 */
async function rowsFor(
  database: Kysely<unknown>,
  pieces: QueryPieces,
  questions: readonly Question[],
): Promise<readonly Found[]> {
  const limit = MAX_ROWS + 1 + USUAL_ROWS * (questions.length - 1)
  const statement = together(pieces, questions, limit)
  const { rows } = await databaseAnswer('directory.query', () => statement.execute(database))
  if (rows.length < limit || questions.length === 1) {
    return rows.flatMap(row => {
      const address = questions[Number(row[PLACE])]?.address
      return address === undefined ? [] : [{ address, row: queryRow(row) }]
    })
  }
  const half = Math.ceil(questions.length / 2)
  return [
    ...(await rowsFor(database, pieces, questions.slice(0, half))),
    ...(await rowsFor(database, pieces, questions.slice(half))),
  ]
}

/** More than addresses have on average. */
const USUAL_ROWS = 10

type Row = Readonly<Record<string, unknown>>

function together(pieces: QueryPieces, questions: readonly Question[], limit: number): RawBuilder<Row> {
  const parts = questions.map(({ written }, place) => placed(pieces, written, place))
  return sql<Row>`${sql.join(parts, sql` union all `)} limit ${sql.lit(limit)}`
}

/** The line break ends a comment at the end of a piece. */
function placed([first, ...rest]: QueryPieces, address: string, place: number): RawBuilder<unknown> {
  const query = sql.join([sql.raw(first), ...rest.map(piece => sql`${address}${sql.raw(piece)}`)], sql``)
  return sql`select ${sql.lit(place)} as ${sql.raw(PLACE)}, q.* from (${query}
    ) q`
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

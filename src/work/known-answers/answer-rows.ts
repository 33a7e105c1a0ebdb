import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import type { Answer } from '../../ground/directory/directory.ts'
import type { AnswerTable, StateTables } from '../../ground/state/state-tables.ts'
import { answerText, parseAnswer } from './answer-text.ts'

/** What a directory once answered about an address. */
export interface KnownAnswer {
  readonly answer: Answer
  /** As it is stored. */
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly askedAt: number
}

/**
 * Reads the answers of one directory about these addresses, at most a thousand. A row that cannot be read counts as
 * absent.
 */
export async function readAnswers(
  { sql }: Database<StateTables>,
  source: string,
  addresses: readonly string[],
): Promise<Map<string, KnownAnswer>> {
  if (addresses.length === 0) return new Map()
  const rows = await sql
    .selectFrom('digest_answer')
    .select(['address', 'source', 'answer', 'asked_at'])
    .where('address', 'in', addresses)
    .execute()
  return new Map(
    rows.flatMap(row => {
      const answer = row.source === source ? parseAnswer(row.answer) : undefined
      return answer ? [[row.address, { answer, text: row.answer, askedAt: Number(row.asked_at) }]] : []
    }),
  )
}

/**
 * Stores answers in place of earlier ones. Of those that are as before, only the time is written. An answer that is too
 * long for its column is not kept.
 *
 * @param known what is stored about these addresses
 */
export async function storeAnswers(
  state: Database<StateTables>,
  source: string,
  answers: ReadonlyMap<string, Answer>,
  known: ReadonlyMap<string, KnownAnswer>,
  now: number,
): Promise<void> {
  const rows = [...answers].flatMap(([address, answer]) => {
    const text = answerText(answer)
    return text === undefined ? [] : [{ address, source, answer: text, asked_at: now }]
  })
  // Processes that write the same rows in the same order wait for each other, and do not block each other.
  rows.sort((a, b) => (a.address < b.address ? -1 : 1))
  const isAsBefore = (row: AnswerTable) => known.get(row.address)?.text === row.answer
  const same = rows.filter(isAsBefore).map(({ address }) => address)
  for (const chunk of chunks(same)) await setAskedAt(state, source, chunk, now)
  const changed = rows.filter(row => !isAsBefore(row))
  for (const chunk of chunks(changed, ROWS_AT_ONCE)) await writeRows(state, chunk)
}

const setAskedAt = (
  state: Database<StateTables>,
  source: string,
  addresses: readonly string[],
  now: number,
): Promise<unknown> =>
  inTransaction(state, transaction =>
    transaction
      .updateTable('digest_answer')
      .set({ asked_at: now })
      .where('address', 'in', addresses)
      .where('source', '=', source)
      .execute(),
  )

const writeRows = (state: Database<StateTables>, rows: readonly AnswerTable[]): Promise<unknown> =>
  inTransaction(state, transaction => {
    const insert = transaction.insertInto('digest_answer').values(rows)
    return state.dialect.insertOrUpdate(insert, ['address'], ['source', 'answer', 'asked_at']).execute()
  })

/** Even if each answer fills its column, a statement stays below MariaDB's `max_allowed_packet` of 16 MiB. */
const ROWS_AT_ONCE = 200

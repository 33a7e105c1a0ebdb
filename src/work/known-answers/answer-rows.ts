import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import type { Answer } from '../../ground/directory/directory.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { answerText, parseAnswer } from './answer-text.ts'

/** What a directory once answered about an address. */
export interface KnownAnswer {
  readonly answer: Answer
  /** Milliseconds since the epoch. */
  readonly askedAt: number
}

/**
 * Reads the answers of one directory about these addresses, at most a few hundred. A row that cannot be read counts as
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
      return answer ? [[row.address, { answer, askedAt: Number(row.asked_at) }]] : []
    }),
  )
}

/** Stores answers in place of earlier ones. An answer that is too long for its column is not kept. */
export async function storeAnswers(
  state: Database<StateTables>,
  source: string,
  answers: ReadonlyMap<string, Answer>,
  now: number,
): Promise<void> {
  const rows = [...answers].flatMap(([address, answer]) => {
    const text = answerText(answer)
    return text === undefined ? [] : [{ address, source, answer: text, asked_at: now }]
  })
  // Processes that write the same rows in the same order wait for each other, and do not block each other.
  rows.sort((a, b) => (a.address < b.address ? -1 : 1))
  for (const chunk of chunks(rows, ROWS_AT_ONCE)) {
    await inTransaction(state, async transaction => {
      const insert = transaction.insertInto('digest_answer').values(chunk)
      await state.dialect.insertOrUpdate(insert, ['address'], ['source', 'answer', 'asked_at']).execute()
    })
  }
}

/** Even if each answer fills its column, a statement stays below MariaDB's `max_allowed_packet` of 16 MiB. */
const ROWS_AT_ONCE = 200

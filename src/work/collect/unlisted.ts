import type { Logger } from 'pino'
import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTurn } from '../../ground/state/in-turn.ts'
import { valuesUnder } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { heldIdOf } from './item-id.ts'

/**
 * Logs held mail that no digest lists, once for each message. Our tables remember the messages by their ids: the next
 * collecting finds them again, in whichever process, and their times do not tell which are new.
 *
 * @param rows all such rows of this collecting
 */
export async function recordUnlisted(
  { state, log }: { readonly state: Database<StateTables>; readonly log: Logger },
  rows: readonly HeldMailRow[],
  now: number,
): Promise<void> {
  const fresh: HeldMailRow[] = []
  for (const chunk of chunks(rows)) {
    if ((await unknownOf(state, chunk)).length > 0) fresh.push(...(await rememberInTurn(state, chunk, now)))
  }
  if (fresh.length === 0) return
  const recipients = [...new Set(fresh.map(row => row.recipient.slice(0, LONGEST_SHOWN)))].slice(
    0,
    MOST_SHOWN,
  )
  log.warn(
    { messages: fresh.length, recipients },
    'held mail that no digest lists: no mail can be sent to its recipient',
  )
}

/** The messages that no digest lists, each with the time at which that was found. They are kept for 30 days. */
export const unlistedMessages = (state: Pick<Database<StateTables>, 'sql'>) => valuesUnder(state, PREFIX)

/** Those of these messages that are not remembered as such. */
export async function withoutUnlisted(
  state: Pick<Database<StateTables>, 'sql'>,
  rows: readonly HeldMailRow[],
): Promise<HeldMailRow[]> {
  const unknown: HeldMailRow[] = []
  for (const chunk of chunks(rows)) unknown.push(...(await unknownOf(state, chunk)))
  return unknown
}

const LONGEST_SHOWN = 320
const MOST_SHOWN = 10

/** The time of each is a named value. */
const nameOf = (row: HeldMailRow): string => `${PREFIX}${heldIdOf(row)}`
const PREFIX = 'unlisted/'

async function unknownOf(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  rows: readonly HeldMailRow[],
): Promise<HeldMailRow[]> {
  const known = await sql
    .selectFrom('digest_watermark')
    .select('name')
    .where('name', 'in', rows.map(nameOf))
    .execute()
  const names = new Set(known.map(({ name }) => name))
  return rows.filter(row => !names.has(nameOf(row)))
}

/** Processes take turns, so that only one of them logs a message. @returns the rows that were unknown */
const rememberInTurn = (
  state: Database<StateTables>,
  rows: readonly HeldMailRow[],
  now: number,
): Promise<HeldMailRow[]> =>
  inTurn(state, 'adding-items', async sql => {
    const fresh = await unknownOf({ sql }, rows)
    if (fresh.length === 0) return []
    const values = [...new Set(fresh.map(nameOf))].map(name => ({ name, value: now }))
    await state.dialect.insertNew(sql.insertInto('digest_watermark').values(values), ['name']).execute()
    return fresh
  })

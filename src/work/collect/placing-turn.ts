import type { Database } from '../../ground/database/database.ts'
import { MINUTE } from '../../ground/durations.ts'
import { readValue, valuesUnder, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** By which directory waiting messages are placed, and how often. */
export interface Placing {
  /** Tells it apart from other directories. */
  readonly source: string
  /** Milliseconds. */
  readonly every: number
}

/** This process places all waiting messages anew. Another one does not begin meanwhile. */
export interface PlacingTurn {
  readonly source: string
  readonly begunAt: number
  /** When the process last showed that it is still at it. */
  shownAt: number
  /** This directory has never placed them: another one has, or a version that did not yet. */
  readonly isFirst: boolean
}

/** @returns undefined when it is not due, or another process has the turn */
export async function beginPlacing(
  state: Database<StateTables>,
  { source, every }: Placing,
  now: number,
): Promise<PlacingTurn | undefined> {
  const placedAt = await readValue(state, placedBy(source))
  if (isWithin(every, placedAt, now)) return undefined
  if (isWithin(TURN, await readValue(state, takenBy(source)), now)) return undefined
  await writeValue(state, takenBy(source), now)
  return { source, begunAt: now, shownAt: now, isFirst: placedAt === undefined }
}

/** Shows now and then that the process is still at it. */
export async function keepPlacing(
  state: Database<StateTables>,
  turn: PlacingTurn,
  now: number,
): Promise<void> {
  if (isWithin(TURN / 4, turn.shownAt, now)) return
  await writeValue(state, takenBy(turn.source), now)
  turn.shownAt = now
}

/** Records that all waiting messages were placed. */
export async function endPlacing(state: Database<StateTables>, turn: PlacingTurn): Promise<void> {
  // A message that changed its place since the begin may have been missed.
  await writeValue(state, placedBy(turn.source), turn.begunAt)
  const others = await otherSources(state, turn.source)
  await forget(state, [takenBy(turn.source), ...others])
}

/** Gives the turn back before the end. */
export const returnPlacing = (state: Database<StateTables>, { source }: PlacingTurn): Promise<void> =>
  forget(state, [takenBy(source)])

/** If a process has not been heard of for so many milliseconds, another one begins anew. */
const TURN = 2 * MINUTE

/** False, too, for a time in the future, which a clock that was ahead has left. */
const isWithin = (span: number, since: number | undefined, now: number): boolean =>
  since !== undefined && Math.abs(now - since) < span

/** When messages were last placed by this directory. There is one such name: a change of the directory is seen. */
const placedBy = (source: string): string => `${PREFIX}${source}`
const PREFIX = 'placed-anew/'

const takenBy = (source: string): string => `placing-anew/${source}`

async function otherSources(state: Database<StateTables>, source: string): Promise<string[]> {
  const rows = await valuesUnder(state, PREFIX).select('name').execute()
  return rows.map(({ name }) => name).filter(name => name !== placedBy(source))
}

async function forget({ sql }: Database<StateTables>, names: readonly string[]): Promise<void> {
  await sql.deleteFrom('digest_watermark').where('name', 'in', names).execute()
}

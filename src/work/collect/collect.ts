import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import {
  type HeldMailFilter,
  type HeldMailRow,
  heldMailBetween,
} from '../../ground/amavis/held-mail-between.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { canGetMail } from '../../ground/directory/can-get-mail.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { answersFor, holdersOf } from '../../ground/directory/readers-of.ts'
import { isOwnMessageId } from '../../ground/mail/message-id.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { addItems, isStorable, itemFrom, type NewItem } from './items.ts'
import { recordUnlisted } from './unlisted.ts'
import { readWatermark, writeWatermark } from './watermark.ts'
import { TIMELESS, windowsOf } from './windows.ts'

export interface CollectDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly filter: HeldMailFilter
  /** How far a window overlaps the one before, in milliseconds, because amavisd finishes some messages late. */
  readonly overlap: number
  /** How far the very first window goes back, in milliseconds. */
  readonly initial: number
  /** The domain of our own Message-IDs. */
  readonly domain: string
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Turns held mail that is new since the last time into items. Collecting again, from another process or after a crash,
 * is harmless, because an item's key is unique.
 *
 * @returns how many items are new
 */
export async function collect(deps: CollectDeps, now: number): Promise<number> {
  const last = await readWatermark(deps.state)
  // A clock that was ahead has left a watermark in the future. Then collecting starts again as if for the first time.
  const from = last === undefined || last > now ? now - deps.initial : last - deps.overlap
  const unlisted: HeldMailRow[] = []
  let added = 0
  for (const window of [TIMELESS, ...windowsOf(from, now)]) {
    const rows = await heldMailBetween(deps.storage, deps.filter, window.from, window.to)
    const fresh = await addItems(deps.state, await itemsFrom(deps, rows, unlisted, now))
    deps.meter.collected(fresh)
    added += fresh
  }
  await recordUnlisted(deps, unlisted, now)
  await writeWatermark(deps.state, now)
  return added
}

/** @param unlisted receives the rows that do not become items */
async function itemsFrom(
  deps: CollectDeps,
  rows: readonly HeldMailRow[],
  unlisted: HeldMailRow[],
  now: number,
): Promise<NewItem[]> {
  const foreign = rows.filter(row => !isOwnMessageId(row.messageId, deps.domain))
  const storable = foreign.filter(isStorable)
  const answers = await answersFor(deps.directory, [...new Set(storable.map(row => row.recipient))])
  return foreign.flatMap(row => {
    const answer = isStorable(row) ? answers.get(row.recipient) : undefined
    const holders = answer ? holdersOf(row.recipient, answer).filter(canGetMail) : []
    if (holders.length === 0) unlisted.push(row)
    return holders.map(reader => itemFrom(row, reader, now))
  })
}

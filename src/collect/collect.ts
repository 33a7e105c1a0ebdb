import type { Kysely } from 'kysely'
import { type HeldMailFilter, type HeldMailRow, heldMailBetween } from '../amavis/held-mail.ts'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { isOwnMessageId } from '../digest/message-id.ts'
import type { Directory } from '../directory/directory.ts'
import { addItems, itemFrom, type NewItem } from './items.ts'
import { readWatermark, writeWatermark } from './watermark.ts'
import { windowsOf } from './windows.ts'

export interface CollectDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly filter: HeldMailFilter
  /** How far each time looks back behind the last one, in milliseconds: messages finish late. */
  readonly overlap: number
  /** How far the very first time looks back, in milliseconds. */
  readonly initial: number
}

/**
 * Turns held mail that is new since the last time into items. Doing it again, from another process or after a crash,
 * is harmless: an item's key is unique.
 *
 * @returns how many items are new
 */
export async function collect(deps: CollectDeps, now: number): Promise<number> {
  const last = await readWatermark(deps.state)
  const from = last === undefined ? now - deps.initial : Math.min(last, now) - deps.overlap
  let added = 0
  for (const window of windowsOf(from, now)) {
    const rows = await heldMailBetween(deps.storage, deps.filter, window.from, window.to)
    added += await addItems(deps.state, await itemsFrom(deps.directory, rows, now))
  }
  await writeWatermark(deps.state, now)
  return added
}

async function itemsFrom(
  directory: Directory,
  rows: readonly HeldMailRow[],
  now: number,
): Promise<NewItem[]> {
  const foreign = rows.filter(row => !isOwnMessageId(row.messageId))
  const readers = await directory.readersOf([...new Set(foreign.map(row => row.recipient))])
  return foreign.flatMap(row => {
    const reader = readers.get(row.recipient)
    return reader === undefined ? [] : [itemFrom(row, reader, now)]
  })
}

import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { type HeldMailFilter, type HeldMailRow, heldMailBetween } from '../amavis/held-mail.ts'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { isOwnMessageId } from '../digest/message-id.ts'
import type { Directory } from '../directory/directory.ts'
import type { Meter } from '../metrics/meter.ts'
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
  /** Of our own Message-IDs. */
  readonly domain: string
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Turns held mail that is new since the last time into items. Doing it again, from another process or after a crash,
 * is harmless: an item's key is unique.
 *
 * @returns how many items are new
 */
export async function collect(deps: CollectDeps, now: number): Promise<number> {
  const last = await readWatermark(deps.state)
  // A clock that was ahead has left its mark in the future: what came since the true time is looked for again.
  const from = last === undefined || last > now ? now - deps.initial : last - deps.overlap
  let added = 0
  for (const window of windowsOf(from, now)) {
    const rows = await heldMailBetween(deps.storage, deps.filter, window.from, window.to)
    const fresh = await addItems(deps.state, await itemsFrom(deps, rows, last ?? 0, now))
    deps.meter.collected(fresh)
    added += fresh
  }
  await writeWatermark(deps.state, now)
  return added
}

async function itemsFrom(
  deps: CollectDeps,
  rows: readonly HeldMailRow[],
  last: number,
  now: number,
): Promise<NewItem[]> {
  const foreign = rows.filter(row => !isOwnMessageId(row.messageId, deps.domain))
  const readers = await deps.directory.readersOf([...new Set(foreign.map(row => row.recipient))])
  warnOfUnread(
    deps.log,
    foreign.filter(row => !readers.has(row.recipient) && row.timeNum * 1000 >= last),
  )
  return foreign.flatMap(row => {
    const reader = readers.get(row.recipient)
    return reader === undefined ? [] : [itemFrom(row, reader, now)]
  })
}

/** Once for each message: `rows` are those that came since the last time. */
function warnOfUnread(log: Logger, rows: readonly HeldMailRow[]): void {
  if (rows.length === 0) return
  const recipients = [...new Set(rows.map(row => row.recipient))].slice(0, 10)
  log.warn({ messages: rows.length, recipients }, 'held mail that no digest lists: not an address')
}

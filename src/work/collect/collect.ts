import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import {
  type HeldMailFilter,
  type HeldMailPage,
  type HeldMailRow,
  heldMailPage,
} from '../../ground/amavis/held-mail-between.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { canGetMail } from '../../ground/directory/can-get-mail.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { answersFor, holdersOf } from '../../ground/directory/readers-of.ts'
import { isOwnMessageId } from '../../ground/mail/message-id.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { heldIdOf } from './item-id.ts'
import { addItems, isStorable, itemFrom, type NewItem } from './items.ts'
import { newMessages } from './known-messages.ts'
import { AT_ONCE, type Pace } from './pace.ts'
import { recordUnlisted } from './unlisted.ts'
import { forgetUnplaced, rememberUnplaced, type UnplacedHour, unplacedHours } from './unplaced.ts'
import { readCollectedSince, readWatermark, writeCollectedSince, writeWatermark } from './watermark.ts'
import { TIMELESS, type Window, windowsOf } from './windows.ts'

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
 * is harmless, because an item's key is unique. Mail about whose recipient the directory gives no answer now becomes no
 * item: its hour is remembered, and looked at again until the mail has been placed.
 *
 * @param pace whether it is done as soon as can be, or without disturbing amavisd and until a signal
 * @returns how many items are new
 */
export async function collect(toCollect: CollectDeps, now: number, pace = AT_ONCE): Promise<number> {
  const deps = { ...toCollect, pace }
  const last = await readWatermark(deps.state)
  // A clock that was ahead has left a watermark in the future. Then collecting starts again as if for the first time.
  const isFirst = last === undefined || last > now
  const from = isFirst ? now - deps.initial : last - deps.overlap
  // With another filter than before, mail may pass that was looked at and did not.
  const looksAnew = isFirst || (await readCollectedSince(deps.state, deps.filter)) === undefined
  const windows = looksAnew ? windowsOf(from, now) : await pace.windows(deps.storage, last, now, deps.overlap)
  const hours = await unplacedHours(deps.state)
  const left: LeftOut = { unlisted: [], unplaced: [] }
  let added = 0
  for (const window of [TIMELESS, ...windows]) added += await collectWindow(deps, window, left, now)
  // The watermark stays, so what is left out now is looked at again.
  if (pace.signal?.aborted) return added
  await rememberUnplaced(deps.state, left.unplaced.map(timeOf), now)
  added += await collectUnplaced(deps, hours, left, now)
  await recordUnlisted(deps, left.unlisted, now)
  // An hour that is looked at again may overlap the window.
  const unplaced = new Set(left.unplaced.map(heldIdOf)).size
  if (unplaced > 0) deps.log.warn({ messages: unplaced }, UNPLACED)
  if (looksAnew) await writeCollectedSince(deps.state, deps.filter, from)
  await writeWatermark(deps.state, now)
  return added
}

interface PacedDeps extends CollectDeps {
  readonly pace: Pace
}

/** What has not become an item. */
interface LeftOut {
  /** No mail can be sent to those who would read it. */
  readonly unlisted: HeldMailRow[]
  /** About their recipients the directory gives no answer now. */
  readonly unplaced: HeldMailRow[]
}

/** In seconds. */
const timeOf = ({ timeNum }: HeldMailRow): number => timeNum

const UNPLACED =
  'held mail waits outside of all digests, because the directory gives no answer about its recipients; it is collected once the directory answers'

/**
 * Looks again at hours with mail that could not be placed. It stops at the first one where that fails again: as long as
 * the directory is away, one hour is looked at each time, another one each time.
 *
 * @returns how many items are new
 */
async function collectUnplaced(
  deps: PacedDeps,
  hours: readonly UnplacedHour[],
  left: LeftOut,
  now: number,
): Promise<number> {
  let added = 0
  for (const hour of hours) {
    const ofHour: LeftOut = { unlisted: left.unlisted, unplaced: [] }
    added += await collectWindow(deps, hour, ofHour, now)
    for (const time of ofHour.unplaced) left.unplaced.push(time)
    if (ofHour.unplaced.length > 0) {
      await rememberUnplaced(deps.state, ofHour.unplaced.map(timeOf), now)
      break
    }
    await forgetUnplaced(deps.state, hour)
  }
  return added
}

/** @param left receives what does not become an item. @returns how many items are new */
async function collectWindow(deps: PacedDeps, window: Window, left: LeftOut, now: number): Promise<number> {
  let added = 0
  for (let from: number | undefined = window.from; from !== undefined && !deps.pace.signal?.aborted; ) {
    const begin = from
    const page: HeldMailPage = await deps.pace.piece(() =>
      heldMailPage(deps.storage, deps.filter, { ...window, from: begin }, PAGE),
    )
    for (const rows of chunks(page.rows, PIECE))
      added += await deps.pace.piece(() => collectRows(deps, rows, left, now))
    from = page.next
  }
  return added
}

/** Rows that are read at once: with a thousand held messages a second, those of five seconds. */
const PAGE = 5000

/** Rows that become items together. */
const PIECE = 1000

async function collectRows(
  deps: CollectDeps,
  rows: readonly HeldMailRow[],
  left: LeftOut,
  now: number,
): Promise<number> {
  const foreign = rows.filter(row => !isOwnMessageId(row.messageId, deps.domain))
  const added = await addItems(deps.state, await itemsFrom(deps, foreign, left, now))
  deps.meter.collected(added)
  return added
}

/**
 * Most rows of a window are known from the last time. So all that costs more than a look into our table, such as asking
 * the directory, is done for the others only.
 */
async function itemsFrom(
  deps: CollectDeps,
  rows: readonly HeldMailRow[],
  left: LeftOut,
  now: number,
): Promise<NewItem[]> {
  const fresh = await newMessages(deps.state, rows)
  const placeable = fresh.filter(isPlaceable)
  const answers = await answersFor(deps.directory, [...new Set(placeable.map(row => row.recipient))])
  for (const row of fresh) if (!isPlaceable(row)) left.unlisted.push(row)
  return placeable.flatMap(row => {
    const answer = answers.get(row.recipient)
    const holders = answer ? holdersOf(row.recipient, answer).filter(canGetMail) : []
    if (!answer) left.unplaced.push(row)
    else if (holders.length === 0) left.unlisted.push(row)
    return holders.map(reader => itemFrom(row, reader, now))
  })
}

/** Whether the directory can be asked about its recipient, and our table can have it. */
const isPlaceable = (row: HeldMailRow): boolean =>
  isStorable(row) && readerAddress(row.recipient) !== undefined

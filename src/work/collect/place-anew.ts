import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { canGetMail } from '../../ground/directory/can-get-mail.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { answersFor, holdersOf } from '../../ground/directory/readers-of.ts'
import { inTurn } from '../../ground/state/in-turn.ts'
import type { ItemTable, StateTables } from '../../ground/state/state-tables.ts'
import { waitingItems } from '../../ground/state/waiting-items.ts'
import { settingsWithoutReader } from '../settings/settings-without-reader.ts'
import { addItems, itemForReader, knownItemIds } from './items.ts'
import {
  beginPlacing,
  endPlacing,
  keepPlacing,
  type Placing,
  type PlacingTurn,
  returnPlacing,
} from './placing-turn.ts'
import { waitingLots } from './waiting-lots.ts'

export interface PlaceAnewDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly placing: Placing & {
    /** For a directory that remembers its answers: asks it anew about each address, as long as it is there. */
    readonly directory?: Directory | undefined
  }
  readonly clock: () => number
  readonly log: Logger
}

/** How many items were added and removed. */
export interface PlacedAnew {
  readonly added: number
  readonly removed: number
}

/**
 * Lets waiting items follow the directory, if that is due: now and then, and at once after another directory was
 * configured. Each message that waits for somebody gets an item for each of its present readers, unless a digest has
 * listed it to that reader. Waiting items of others are removed. What is in a digest stays as it is. A message about
 * which the directory gives no answer stays where it is.
 *
 * It may be interrupted at any time. No message is without an item meanwhile, and no digest goes to a former reader,
 * because that is looked up when digests are made.
 *
 * @returns undefined when it was not due, or another process is doing it
 */
export async function placeAnew(deps: PlaceAnewDeps, signal?: AbortSignal): Promise<PlacedAnew | undefined> {
  const { state, placing, clock, log } = deps
  const turn = await beginPlacing(state, placing, clock())
  if (!turn) return undefined
  try {
    const placed = await placeAll(deps, turn, signal)
    if (signal?.aborted) await returnPlacing(state, turn)
    else await endPlacing(state, turn)
    if (placed.added + placed.removed > 0) log.info({ ...placed }, 'waiting messages follow the directory')
    if (turn.isFirst && !signal?.aborted) await tellOfSettings(deps)
    return placed
  } catch (error) {
    // If the database cannot be reached either, the turn has to run out.
    await returnPlacing(state, turn).catch(() => undefined)
    throw error
  }
}

async function placeAll(
  deps: PlaceAnewDeps,
  turn: PlacingTurn,
  signal: AbortSignal | undefined,
): Promise<PlacedAnew> {
  let [added, removed] = [0, 0]
  for await (const items of waitingBatches(deps.state)) {
    if (signal?.aborted) break
    await keepPlacing(deps.state, turn, deps.clock())
    const placed = await placeItems(deps, items)
    added += placed.added
    removed += placed.removed
  }
  return { added, removed }
}

/** The waiting items, along the index `(digest_id, reader)`. */
async function* waitingBatches(state: Database<StateTables>): AsyncGenerator<readonly ItemTable[]> {
  for await (const readers of waitingLots(state, LOT))
    yield await waitingItems(state).selectAll().where('reader', 'in', readers).execute()
}

/** Most passes change nothing, and then reading is most of the work. */
const LOT = { readers: 5000, items: 5000 }

/** Adds what is missing before it removes anything. */
async function placeItems(deps: PlaceAnewDeps, items: readonly ItemTable[]): Promise<PlacedAnew> {
  const { state } = deps
  const answers = await answersFor(directoryOf(deps), [...new Set(items.map(({ recipient }) => recipient))])
  const placed = items.flatMap(item => {
    const answer = answers.get(item.recipient)
    const holders = answer ? holdersOf(item.recipient, answer).filter(canGetMail) : []
    return holders.length > 0 ? [{ item, holders }] : []
  })
  const wanted = placed.flatMap(({ item, holders }) =>
    holders.filter(holder => holder !== item.reader).map(holder => itemForReader(item, holder)),
  )
  const added = await addItems(state, [...new Map(wanted.map(item => [item.item_id, item])).values()])
  const misplaced = placed.filter(({ item, holders }) => !holders.includes(item.reader))
  return { added, removed: await removeReplaced(state, misplaced) }
}

/** A waiting item, and those who read its message now. */
interface Misplaced {
  readonly item: ItemTable
  readonly holders: readonly string[]
}

/**
 * Removes waiting items whose messages have an item for a present reader. Processes take turns: of two that have heard
 * different things from the directory, each could otherwise remove what the other has added, and the message would be
 * lost.
 *
 * @returns how many were removed
 */
async function removeReplaced(
  state: Database<StateTables>,
  misplaced: readonly Misplaced[],
): Promise<number> {
  let removed = 0
  for (const chunk of chunks(misplaced)) {
    removed += await inTurn(state, 'adding-items', async sql => {
      const present = chunk.map(({ item, holders }) =>
        holders.map(holder => itemForReader(item, holder).item_id),
      )
      const known = await knownItemIds(sql, present.flat())
      const replaced = chunk.filter((_, index) => present[index]?.some(id => known.has(id)))
      return removeWaiting(
        sql,
        replaced.map(({ item }) => item.item_id),
      )
    })
  }
  return removed
}

/** @returns how many of these items were still waiting, and are removed */
async function removeWaiting(sql: Kysely<StateTables>, itemIds: readonly string[]): Promise<number> {
  if (itemIds.length === 0) return 0
  const { numDeletedRows } = await sql
    .deleteFrom('digest_item')
    .where('item_id', 'in', itemIds)
    .where('digest_id', 'is', null)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

const directoryOf = ({ directory, placing }: PlaceAnewDeps): Directory => placing.directory ?? directory

async function tellOfSettings(deps: PlaceAnewDeps): Promise<void> {
  const found = await settingsWithoutReader({ state: deps.state, directory: directoryOf(deps) })
  if (found.length === 0) return
  deps.log.warn({ settings: found.length, first: found.slice(0, MOST_SHOWN) }, SETTINGS_IGNORED)
}

const MOST_SHOWN = 10

const SETTINGS_IGNORED =
  "another directory was configured, and these settings change nothing now, because their addresses get no digests of their own: what is sent there counts as their readers' mail"

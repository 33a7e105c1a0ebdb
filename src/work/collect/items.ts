import type { Kysely } from 'kysely'
import { type ContentKind, contentKindOf } from '../../ground/amavis/content.ts'
import type { CollectedMail } from '../../ground/amavis/held-mail.ts'
import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import { inTurn } from '../../ground/state/in-turn.ts'
import type { ItemTable, StateTables } from '../../ground/state/state-tables.ts'
import { BY_HAND, LEFT_OUT, waitingItems } from '../../ground/state/waiting-items.ts'
import { heldIdOf, itemIdFor } from './item-id.ts'

export type NewItem = ItemTable

/** One held message for one recipient, in the eyes of one reader, as our table has it. */
export interface Item extends CollectedMail {
  readonly itemId: string
  /** The same for all readers of the message. It is released once, under this id. */
  readonly heldId: string
  readonly reader: string
  /** As it was when it was collected. */
  readonly kind: ContentKind
  readonly digestId: string | null
  /** The last digest with copies that listed it. */
  readonly listedIn: string | null
  /** Until when mails promise that it can be released, in milliseconds since the epoch; null: not noted. */
  readonly promisedUntil: number | null
}

/**
 * Adds the items that do not exist yet, and leaves the others as they are. The new items of one message are added
 * together: whoever finds one of them finds all.
 *
 * @returns how many were new
 */
export async function addItems(state: Database<StateTables>, items: readonly NewItem[]): Promise<number> {
  let added = 0
  for (const batch of wholeMessages(items)) {
    if ((await unknownOf(state.sql, batch)).length > 0) added += await addInTurn(state, batch)
  }
  return added
}

/** Splits items into batches for one transaction each, without separating the items of a message. */
function* wholeMessages(items: readonly NewItem[]): Generator<readonly NewItem[]> {
  let batch: NewItem[] = []
  for (const ofOneMessage of Map.groupBy(items, heldIdOfRow).values()) {
    if (batch.length > 0 && batch.length + ofOneMessage.length > BATCH) {
      yield batch
      batch = []
    }
    batch.push(...ofOneMessage)
  }
  if (batch.length > 0) yield batch
}

/** An item has 13 values, and SQLite takes 32,766 in a statement. */
const BATCH = 2000

/** What all items of a message share. */
export const heldIdOfRow = (row: Pick<ItemTable, 'item_id' | 'held_id'>): string => row.held_id ?? row.item_id

export async function findItem(state: Database<StateTables>, itemId: string): Promise<Item | undefined> {
  const row = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('item_id', '=', itemId)
    .executeTakeFirst()
  return row && itemOf(row)
}

/**
 * Reads items by their ids, at most a few hundred, in the order of the ids. Items that are no longer kept are missing.
 */
export async function findItems(state: Database<StateTables>, itemIds: readonly string[]): Promise<Item[]> {
  if (itemIds.length === 0) return []
  const rows = await state.sql.selectFrom('digest_item').selectAll().where('item_id', 'in', itemIds).execute()
  const found = new Map(rows.map(row => [row.item_id, itemOf(row)]))
  return itemIds.flatMap(id => found.get(id) ?? [])
}

/** The items of all recipients and readers of one message. */
export async function itemsOfMessage(
  state: Database<StateTables>,
  { partitionTag, mailId }: Pick<Item, 'partitionTag' | 'mailId'>,
): Promise<Item[]> {
  const rows = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('partition_tag', '=', partitionTag)
    .where('mail_id', '=', mailId)
    .execute()
  return rows.map(itemOf)
}

/** The items of all readers of held messages, at most a few hundred messages. */
export async function itemsOfHeld(state: Database<StateTables>, heldIds: readonly string[]): Promise<Item[]> {
  if (heldIds.length === 0) return []
  // Two statements, because an OR of two indexes makes MySQL read the whole table.
  const own = await state.sql.selectFrom('digest_item').selectAll().where('item_id', 'in', heldIds).execute()
  const others = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('held_id', 'in', heldIds)
    .execute()
  return [...own, ...others].map(itemOf)
}

/** The row of a new item. */
export function itemFrom(row: HeldMailRow, reader: string, now: number): NewItem {
  const heldId = heldIdOf(row)
  const itemId = itemIdFor(heldId, row.recipient, reader)
  return {
    item_id: itemId,
    partition_tag: row.partitionTag,
    mail_id: row.mailId,
    rseqnum: row.rseqnum,
    recipient: row.recipient,
    reader,
    content: row.content,
    mail_at: row.timeNum * SECOND,
    collected_at: now,
    digest_id: null,
    held_id: itemId === heldId ? null : heldId,
    listed_in: null,
    promised_until: null,
  }
}

/** The row of an item of the same message for another reader. */
export function itemForReader(row: ItemTable, reader: string): NewItem {
  const heldId = heldIdOfRow(row)
  const itemId = itemIdFor(heldId, row.recipient, reader)
  return {
    ...row,
    item_id: itemId,
    reader,
    digest_id: null,
    held_id: itemId === heldId ? null : heldId,
    listed_in: null,
    promised_until: null,
  }
}

/**
 * Whether our table can store this row on every database: a strict one refuses values that are too long, and PostgreSQL
 * refuses NUL. One refused row would hold up all others of its window for ever.
 */
export const isStorable = (row: HeldMailRow): boolean =>
  Number.isSafeInteger(row.timeNum) &&
  row.recipient.length <= LONGEST.recipient &&
  row.mailId.length <= LONGEST.mailId &&
  row.content.length <= LONGEST.content &&
  !`${row.recipient}${row.mailId}${row.content}`.includes('\0')

/** The lengths of the columns in `migrations/`. */
const LONGEST = { recipient: 320, mailId: 64, content: 8 }

/**
 * Processes take turns, because they mostly bring the same items. Otherwise they would collide in the table's index,
 * and only SQLite would tell which process had inserted which item.
 */
const addInTurn = (state: Database<StateTables>, items: readonly NewItem[]): Promise<number> =>
  inTurn(state, 'adding-items', async sql => {
    const fresh = await unknownOf(sql, items)
    for (const chunk of chunks(fresh, BATCH))
      await state.dialect.insertNew(sql.insertInto('digest_item').values(chunk), ['item_id']).execute()
    return fresh.length
  })

async function unknownOf(sql: Kysely<StateTables>, items: readonly NewItem[]): Promise<NewItem[]> {
  const known = await knownItemIds(
    sql,
    items.map(item => item.item_id),
  )
  return items.filter(item => !known.has(item.item_id))
}

/** Those of these ids that items have. */
export async function knownItemIds(
  sql: Kysely<StateTables>,
  itemIds: readonly string[],
): Promise<Set<string>> {
  const known = new Set<string>()
  for (const chunk of chunks(itemIds, BATCH)) {
    const rows = await sql.selectFrom('digest_item').select('item_id').where('item_id', 'in', chunk).execute()
    for (const row of rows) known.add(row.item_id)
  }
  return known
}

export const itemOf = (row: ItemTable): Item => ({
  itemId: row.item_id,
  heldId: heldIdOfRow(row),
  partitionTag: row.partition_tag,
  mailId: row.mail_id,
  rseqnum: row.rseqnum,
  recipient: row.recipient,
  reader: row.reader,
  kind: contentKindOf(row.content),
  timeNum: Number(row.mail_at) / SECOND,
  mailAt: receivedAt(Number(row.mail_at), Number(row.collected_at)),
  digestId: row.digest_id === BY_HAND || row.digest_id === LEFT_OUT ? null : row.digest_id,
  listedIn: row.listed_in,
  promisedUntil: row.promised_until === null ? null : Number(row.promised_until),
})

/**
 * The time of receipt. A time of 0 or later than the collecting comes from a wrong clock, and the time of collecting
 * replaces it: deadlines would otherwise have passed or never come.
 */
const receivedAt = (mailAt: number, collectedAt: number): number =>
  mailAt <= 0 || mailAt > collectedAt ? collectedAt : mailAt

/** The items of several digests, by the digest's id. */
export async function itemsOfDigests(
  state: Database<StateTables>,
  digestIds: readonly string[],
): Promise<Map<string, Item[]>> {
  if (digestIds.length === 0) return new Map()
  const rows = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('digest_id', 'in', digestIds)
    .execute()
  return Map.groupBy(rows.map(itemOf), item => item.digestId ?? '')
}

/** A copy of a digest. */
export interface CopyOfDigest {
  readonly digestId: string
  readonly reader: string
  /** The digest that it is a copy of. */
  readonly copyOf: string
}

/**
 * The items that copies show, by the copy's id: those of the digest that each is a copy of, and those that were freed
 * because that digest could not be delivered, unless a later digest has taken them. Two statements, for at most a few
 * hundred copies.
 */
export async function itemsOfCopies(
  state: Database<StateTables>,
  copies: readonly CopyOfDigest[],
): Promise<Map<string, Item[]>> {
  if (copies.length === 0) return new Map()
  const originals = [...new Set(copies.map(({ copyOf }) => copyOf))]
  const readers = [...new Set(copies.map(({ reader }) => reader))]
  const claimed = await itemsOfDigests(state, originals)
  const freed = await waitingItems(state)
    .selectAll()
    .where('reader', 'in', readers)
    .where('listed_in', 'in', originals)
    .execute()
  const items = [...claimed.values()].flat().concat(freed.map(itemOf))
  return new Map(copies.map(copy => [copy.digestId, items.filter(item => isShownBy(item, copy))]))
}

/** Whether a copy shows an item. The item may have another reader by now. */
export const isShownBy = (item: Item, { copyOf, reader }: Omit<CopyOfDigest, 'digestId'>): boolean =>
  item.reader === reader && (item.digestId ?? item.listedIn) === copyOf

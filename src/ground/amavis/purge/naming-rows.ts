import type { Kysely } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import type { AmavisTables } from '../tables.ts'
import { byPartition } from './old-messages.ts'

/** Adds the senders of messages to a count of the rows that name each address. */
export async function countSenders(
  storage: Kysely<AmavisTables>,
  keys: readonly MessageKey[],
  naming: Map<number, number>,
): Promise<void> {
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const rows = await storage
      .selectFrom('msgs')
      .select('sid')
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .execute()
    for (const { sid } of rows) addTo(naming, Number(sid), 1)
  }
}

/** Adds the recipients of messages to such a count. @returns how many rows of `msgrcpt` there are */
export async function countRecipients(
  storage: Kysely<AmavisTables>,
  keys: readonly MessageKey[],
  naming: Map<number, number>,
): Promise<number> {
  let count = 0
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const rows = await storage
      .selectFrom('msgrcpt')
      .select('rid')
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .execute()
    for (const { rid } of rows) addTo(naming, Number(rid), 1)
    count += rows.length
  }
  return count
}

/** How many rows of `msgs` and `msgrcpt` name each of these addresses, along `msgs_idx_sid` and `msgrcpt_idx_rid`. */
export async function namingRows(
  storage: Kysely<AmavisTables>,
  ids: readonly number[],
): Promise<Map<number, number>> {
  const naming = new Map<number, number>()
  for (const chunk of chunks(ids)) {
    const senders = storage.selectFrom('msgs').where('sid', 'in', chunk).groupBy('sid')
    const recipients = storage.selectFrom('msgrcpt').where('rid', 'in', chunk).groupBy('rid')
    for (const { id, found } of [
      ...(await senders.select(['sid as id', ({ fn }) => fn.countAll().as('found')]).execute()),
      ...(await recipients.select(['rid as id', ({ fn }) => fn.countAll().as('found')]).execute()),
    ])
      addTo(naming, Number(id), Number(found))
  }
  return naming
}

const addTo = (naming: Map<number, number>, id: number, found: number): void =>
  void naming.set(id, (naming.get(id) ?? 0) + found)

import type { Kysely } from 'kysely'
import type { Database } from '../../database/database.ts'
import { inTransaction } from '../../database/transaction.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import type { AmavisTables } from '../tables.ts'
import { byPartition } from './old-messages.ts'

/** How many rows of each table are gone. */
export interface DeletedRows {
  readonly msgs: number
  readonly msgrcpt: number
  readonly quarantine: number
}

/** The tables whose rows belong to a message. */
export type PartsTable = 'msgrcpt' | 'quarantine'

/**
 * Deletes messages and all that belongs to them, in one transaction, by their primary keys. Messages that somebody else
 * has deleted meanwhile are no failure.
 *
 * `msgs` comes last: foreign keys may forbid to delete a message that has parts, or delete the parts uncounted.
 */
export const deleteMessages = (
  storage: Database<AmavisTables>,
  keys: readonly MessageKey[],
): Promise<DeletedRows> =>
  inTransaction(storage, async sql => ({
    quarantine: await deleteFrom(sql, 'quarantine', keys),
    msgrcpt: await deleteFrom(sql, 'msgrcpt', keys),
    msgs: await deleteFrom(sql, 'msgs', keys),
  }))

/** Deletes rows that belong to messages of which there is no row in `msgs`. @returns how many are gone */
export const deleteOrphans = (
  storage: Database<AmavisTables>,
  table: PartsTable,
  keys: readonly MessageKey[],
): Promise<number> => inTransaction(storage, sql => deleteFrom(sql, table, keys))

/** How many rows of a table belong to these messages. */
export async function countParts(
  storage: Kysely<AmavisTables>,
  table: PartsTable,
  keys: readonly MessageKey[],
): Promise<number> {
  let count = 0
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const row = await storage
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('rows'))
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .executeTakeFirst()
    count += Number(row?.rows ?? 0)
  }
  return count
}

async function deleteFrom(
  storage: Kysely<AmavisTables>,
  table: 'msgs' | PartsTable,
  keys: readonly MessageKey[],
): Promise<number> {
  let deleted = 0
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const { numDeletedRows } = await storage
      .deleteFrom(table)
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .executeTakeFirst()
    deleted += Number(numDeletedRows)
  }
  return deleted
}

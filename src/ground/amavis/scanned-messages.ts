import type { Kysely } from 'kysely'
import { textOf } from '../database/text.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** A message that amavisd has scanned, for one recipient. */
export interface ScannedMessage {
  readonly mailId: string
  readonly messageId: string
  /** Whether it was passed on. */
  readonly passed: boolean
  /** Whether the quarantine has a copy. */
  readonly isKept: boolean
}

/**
 * The rows of messages with these Message-IDs, the latest first: by `msgs_idx_mess_id`, at most a few hundred. One message
 * may have come several times.
 */
export async function scannedMessages(
  storage: Kysely<AmavisTables>,
  messageIds: readonly string[],
): Promise<ScannedMessage[]> {
  if (messageIds.length === 0) return []
  const rows = await messagesWithRecipients(storage)
    .select(['msgs.mail_id', 'msgs.message_id', 'msgs.quar_type', 'msgrcpt.ds'])
    .where('msgs.message_id', 'in', messageIds)
    .where('msgs.content', 'is not', null)
    .orderBy('msgs.time_num', 'desc')
    .execute()
  return rows.map(row => ({
    mailId: textOf(row.mail_id),
    messageId: textOf(row.message_id) ?? '',
    passed: row.ds === 'P',
    isKept: (row.quar_type ?? '').trim() !== '',
  }))
}

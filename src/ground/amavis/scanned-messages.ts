import type { Kysely } from 'kysely'
import { textOf } from '../database/text.ts'
import type { HeldMailKey } from './held-mail.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** A message that amavisd has scanned, for one recipient. */
export interface ScannedMessage extends HeldMailKey {
  /** `msgs.time_num`: seconds since the epoch. */
  readonly timeNum: number
  readonly messageId: string
  /** Whether it was passed on. */
  readonly passed: boolean
  /** Whether the quarantine has a copy. */
  readonly isKept: boolean
  /** Whether nobody has released or deleted it (`msgrcpt.rs`). */
  readonly isWaiting: boolean
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
    .select(['msgs.partition_tag', 'msgs.mail_id', 'msgrcpt.rseqnum', 'msgs.time_num'])
    .select(['msgs.message_id', 'msgs.quar_type', 'msgrcpt.ds', 'msgrcpt.rs'])
    .where('msgs.message_id', 'in', messageIds)
    .where('msgs.content', 'is not', null)
    .orderBy('msgs.time_num', 'desc')
    .execute()
  return rows.map(row => ({
    partitionTag: Number(row.partition_tag),
    mailId: textOf(row.mail_id),
    rseqnum: Number(row.rseqnum),
    timeNum: Number(row.time_num),
    messageId: textOf(row.message_id) ?? '',
    passed: row.ds === 'P',
    isKept: (row.quar_type ?? '').trim() !== '',
    isWaiting: row.rs.trim() === '',
  }))
}

import type { Kysely, Selectable } from 'kysely'
import { type Octets, textOf } from '../database/text.ts'
import { type ContentKind, contentKindOf } from './content.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** The key of a row of `msgrcpt`: one message for one recipient. */
export interface HeldMailKey {
  readonly partitionTag: number
  readonly mailId: string
  readonly rseqnum: number
}

/**
 * A message for one recipient as it was when it was collected. The key alone is not enough: a partition tag made of
 * the ISO week comes back after a year, and with it perhaps the key, for another message.
 */
export interface CollectedMail extends HeldMailKey {
  /** The envelope recipient as amavis stored it. */
  readonly recipient: string
  /** `msgs.time_num`: seconds since the epoch. */
  readonly timeNum: number
  /** When it counts as received, in milliseconds since the epoch. */
  readonly mailAt: number
}

/** A message for one recipient, with all that a reader is shown. Every string comes from a mail and is hostile. */
export interface HeldMail extends HeldMailKey {
  readonly recipient: string
  readonly content: string
  readonly kind: ContentKind
  /** Whether it still waits: neither delivered, released nor marked for deletion. */
  readonly state: HeldMailState
  /** SpamAssassin's score for this recipient; null when the message was not scanned. */
  readonly score: number | null
  /** Envelope sender (RFC 5321); empty for a bounce. */
  readonly sender: string
  /** The From header field, decoded. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
  /** When it counts as received, in milliseconds since the epoch. */
  readonly receivedAt: number
}

export type HeldMailState =
  | 'held'
  /** `ds` = P: amavisd passed it on; what lies in the quarantine is a copy. */
  | 'delivered'
  /** `rs` = R: released, by this program or another. */
  | 'released'
  /** `rs` = D, or the message left the quarantine otherwise. */
  | 'gone'
  /** `rs` = p: another program is about to release it. */
  | 'pending'

/**
 * Reads messages again, in one statement. One that is no longer in amavis's tables is missing from the answer, whose
 * keys are those of `heldMailKeyOf`. Driven from `msgrcpt_idx_mail_id`; a few hundred at a time.
 */
export async function findHeldMail(
  storage: Kysely<AmavisTables>,
  collected: readonly CollectedMail[],
): Promise<Map<string, HeldMail>> {
  if (collected.length === 0) return new Map()
  const wanted = new Map(collected.map(mail => [heldMailKeyOf(mail), mail]))
  const rows = await messagesWithRecipients(storage)
    .leftJoin('maddr as recipient', 'recipient.id', 'msgrcpt.rid')
    .leftJoin('maddr as sender', 'sender.id', 'msgs.sid')
    .select(['msgrcpt.partition_tag', 'msgrcpt.mail_id', 'msgrcpt.rseqnum', 'msgrcpt.content'])
    .select(['msgrcpt.ds', 'msgrcpt.rs', 'msgrcpt.bspam_level', 'recipient.email as recipient'])
    .select(['sender.email as sender', 'msgs.content as message_content', 'msgs.quar_type'])
    .select(['msgs.from_addr', 'msgs.subject', 'msgs.size', 'msgs.time_num'])
    .where('msgrcpt.mail_id', 'in', [...new Set(collected.map(mail => mail.mailId))])
    .execute()
  const found = rows.flatMap(row => {
    const key = heldMailKeyOf({
      partitionTag: Number(row.partition_tag),
      mailId: textOf(row.mail_id),
      rseqnum: Number(row.rseqnum),
      timeNum: Number(row.time_num),
    })
    const mail = wanted.get(key)
    return mail && isSameRecipient(mail, row.recipient) ? [[key, heldMailOf(mail, row)] as const] : []
  })
  return new Map(found)
}

/** A row from before amavisd 2.7 has no content of its own: what the message as a whole was counts then. */
export const contentOf = (row: {
  readonly content: string
  readonly message_content: string | null
}): string => row.content.trim() || (row.message_content ?? '').trim()

/** One string for a message and its recipient, to look it up in a map. */
export const heldMailKeyOf = (mail: HeldMailKey & { readonly timeNum: number }): string =>
  `${mail.partitionTag}/${mail.mailId}/${mail.rseqnum}/${mail.timeNum}`

/**
 * Whether a row still belongs to the recipient it was collected for. An address that was cleaned away says nothing
 * against it; another one does: rows from before rseqnum was added may share a key, and ids of addresses come back.
 */
export const isSameRecipient = (mail: CollectedMail, address: Octets | null): boolean =>
  address === null || textOf(address) === mail.recipient

const heldMailOf = (mail: CollectedMail, row: FoundRow): HeldMail => ({
  partitionTag: mail.partitionTag,
  mailId: mail.mailId,
  rseqnum: mail.rseqnum,
  recipient: mail.recipient,
  content: contentOf(row),
  kind: contentKindOf(contentOf(row)),
  state: stateOf(row),
  score: row.bspam_level === null ? null : Number(row.bspam_level),
  sender: textOf(row.sender) ?? '',
  from: row.from_addr ?? '',
  subject: row.subject ?? '',
  size: Number(row.size),
  receivedAt: mail.mailAt,
})

type FoundRow = Pick<Selectable<AmavisTables['msgs']>, 'quar_type' | 'from_addr' | 'subject' | 'size'> &
  Pick<Selectable<AmavisTables['msgrcpt']>, 'content' | 'ds' | 'rs' | 'bspam_level'> & {
    readonly message_content: string | null
    readonly sender: Octets | null
  }

function stateOf(row: {
  ds: string
  rs: string | null
  message_content: string | null
  quar_type: string | null
}): HeldMailState {
  switch ((row.rs ?? '').trim()) {
    case '':
    case 'V': {
      const quarantined = row.message_content !== null && (row.quar_type ?? '').trim() !== ''
      if (!quarantined) return 'gone'
      return row.ds === 'P' ? 'delivered' : 'held'
    }
    case 'R':
      return 'released'
    case 'p':
      return 'pending'
    default:
      return 'gone'
  }
}

import type { Kysely, Selectable } from 'kysely'
import { withoutC1Controls } from '../charsets/c1-controls.ts'
import { decodeWords } from '../charsets/encoded-words.ts'
import { type Octets, textOf } from '../database/text.ts'
import { type ContentKind, contentKindOf } from './content.ts'
import { type HeldBecause, heldBecause } from './held-because.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** The key of a row of `msgrcpt`: one message for one recipient. */
export interface HeldMailKey {
  readonly partitionTag: number
  readonly mailId: string
  readonly rseqnum: number
}

/**
 * A message for one recipient, as it was when it was collected. The key alone does not identify it: a partition tag
 * made of the ISO week recurs after a year, and then another message may have the same key.
 */
export interface CollectedMail extends HeldMailKey {
  /** The envelope recipient as amavis stored it. */
  readonly recipient: string
  /** `msgs.time_num`: seconds since the epoch. */
  readonly timeNum: number
  /** When it counts as received, in milliseconds since the epoch. */
  readonly mailAt: number
}

/** A message for one recipient, with everything a reader is shown. All strings come from a mail and are hostile. */
export interface HeldMail extends HeldMailKey {
  readonly recipient: string
  readonly content: string
  readonly kind: ContentKind
  /** What amavisd says about why it was held. */
  readonly because: HeldBecause
  /** Whether it is still held, or what has become of it. */
  readonly state: HeldMailState
  /** SpamAssassin's score for this recipient; null when the message was not scored, or the score decided nothing. */
  readonly score: number | null
  /** Envelope sender (RFC 5321); empty for a bounce. */
  readonly sender: string
  /** The From header field; encoded words in a charset that amavisd does not know are still encoded. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
  /** When it counts as received, in milliseconds since the epoch. */
  readonly receivedAt: number
  /** The `$myhostname` of the amavisd that holds it. */
  readonly host: string
}

export type HeldMailState =
  | 'held'
  /** `ds` = P: amavisd passed it on; the quarantine holds a copy. */
  | 'delivered'
  /** `rs` = R: released, by this program or another. */
  | 'released'
  /** `rs` = D, or the message has left the quarantine in another way. */
  | 'gone'
  /** `rs` = p: an admin was asked for it, by a reader here or by another program. */
  | 'pending'

/** What decides whether a digest lists a message. */
export type JudgedMail = Pick<HeldMail, 'recipient' | 'kind' | 'because' | 'state' | 'score'>

/**
 * Reads messages again, in one statement by `msgrcpt_idx_mail_id`: pass no more than 2,000 at a time.
 *
 * @returns the messages by `heldMailKeyOf`; one that is no longer in amavis's tables is left out
 */
export async function findHeldMail(
  storage: Kysely<AmavisTables>,
  collected: readonly CollectedMail[],
): Promise<Map<string, HeldMail>> {
  if (collected.length === 0) return new Map()
  const rows = await judgedRows(storage, collected)
    .leftJoin('maddr as sender', 'sender.id', 'msgs.sid')
    .select(['sender.email as sender', 'msgs.from_addr', 'msgs.subject', 'msgs.size', 'msgs.host'])
    .execute()
  return foundAmong(collected, rows, heldMailOf)
}

/** As `findHeldMail`, without what is only shown: that is most of a row, and a run judges each message that waits. */
export async function findJudgedMail(
  storage: Kysely<AmavisTables>,
  collected: readonly CollectedMail[],
): Promise<Map<string, JudgedMail>> {
  if (collected.length === 0) return new Map()
  return foundAmong(collected, await judgedRows(storage, collected).execute(), judgedMailOf)
}

const judgedRows = (storage: Kysely<AmavisTables>, collected: readonly CollectedMail[]) =>
  messagesWithRecipients(storage)
    .leftJoin('maddr as recipient', 'recipient.id', 'msgrcpt.rid')
    .select(['msgrcpt.partition_tag', 'msgrcpt.mail_id', 'msgrcpt.rseqnum', 'msgrcpt.content'])
    .select(['msgrcpt.ds', 'msgrcpt.rs', 'msgrcpt.bl', 'msgrcpt.bspam_level', 'msgrcpt.smtp_resp'])
    .select(['recipient.email as recipient', 'msgs.content as message_content', 'msgs.quar_type'])
    .select('msgs.time_num')
    .where('msgrcpt.mail_id', 'in', [...new Set(collected.map(mail => mail.mailId))])

/** The row of a message, and for whom it is. */
interface KeyedRow {
  readonly partition_tag: number
  readonly mail_id: Octets
  readonly rseqnum: number
  readonly time_num: number
  readonly recipient: Octets | null
}

function foundAmong<Row extends KeyedRow, Mail>(
  collected: readonly CollectedMail[],
  rows: readonly Row[],
  mailOf: (mail: CollectedMail, row: Row) => Mail,
): Map<string, Mail> {
  const wanted = new Map(collected.map(mail => [heldMailKeyOf(mail), mail]))
  const found = new Map<string, Mail>()
  for (const row of rows) {
    const key = heldMailKeyOf({
      partitionTag: Number(row.partition_tag),
      mailId: textOf(row.mail_id),
      rseqnum: Number(row.rseqnum),
      timeNum: Number(row.time_num),
    })
    const mail = wanted.get(key)
    if (mail && isSameRecipient(mail, row.recipient)) found.set(key, mailOf(mail, row))
  }
  return found
}

/** The content code for one recipient; a row from before amavisd 2.7 has none, and the code of the message counts. */
export const contentOf = (row: {
  readonly content: string
  readonly message_content: string | null
}): string => row.content.trim() || (row.message_content ?? '').trim()

/** A string that identifies a message and its recipient, as a key for maps. */
export const heldMailKeyOf = (mail: HeldMailKey & { readonly timeNum: number }): string =>
  `${mail.partitionTag}/${mail.mailId}/${mail.rseqnum}/${mail.timeNum}`

/**
 * Whether a row still belongs to the recipient it was collected for. It does if its address has been cleaned up, but
 * not if it has a different address: rows from before rseqnum existed may share a key, and address ids are reused.
 */
export const isSameRecipient = (mail: CollectedMail, address: Octets | null): boolean =>
  address === null || textOf(address) === mail.recipient

/** What amavis's tables say of a collected message. */
export const heldMailOf = (mail: CollectedMail, row: FoundRow): HeldMail => ({
  ...judgedMailOf(mail, row),
  partitionTag: mail.partitionTag,
  mailId: mail.mailId,
  rseqnum: mail.rseqnum,
  content: contentOf(row),
  sender: textOf(row.sender) ?? '',
  from: textOf(row.from_addr) ?? '',
  subject: withoutC1Controls(decodeWords(textOf(row.subject) ?? '')),
  size: Number(row.size),
  receivedAt: mail.mailAt,
  host: textOf(row.host).trim(),
})

function judgedMailOf({ recipient }: CollectedMail, row: JudgedRow): JudgedMail {
  const kind = contentKindOf(contentOf(row))
  return {
    recipient,
    kind,
    because: heldBecause(kind, textOf(row.smtp_resp) ?? '', isBlocked(row)),
    state: stateOf(row),
    score: isBlocked(row) ? null : scoreOf(row.bspam_level),
  }
}

/** amavisd stores 0 for a message that it did not score: one with a virus or a banned attachment, for instance. */
export const scoreOf = (level: number | null): number | null => Number(level ?? 0) || null

/** The recipient has the sender on a block list, so that a score decided nothing. */
export const isBlocked = ({ bl }: { readonly bl: string | null }): boolean => bl?.trim() === 'Y'

/** The columns that a held message is made from. */
export type FoundRow = JudgedRow &
  Pick<Selectable<AmavisTables['msgs']>, 'from_addr' | 'subject' | 'size' | 'host'> & {
    readonly sender: Octets | null
  }

type JudgedRow = Pick<Selectable<AmavisTables['msgs']>, 'quar_type'> &
  Pick<Selectable<AmavisTables['msgrcpt']>, 'content' | 'ds' | 'rs' | 'bspam_level' | 'bl' | 'smtp_resp'> & {
    readonly message_content: string | null
  }

function stateOf(row: {
  ds: string
  rs: string | null
  message_content: string | null
  quar_type: string | null
}): HeldMailState {
  switch ((row.rs ?? '').trim()) {
    case '':
    // Mailzu writes a small letter.
    case 'v':
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

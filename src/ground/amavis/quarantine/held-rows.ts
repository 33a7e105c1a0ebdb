import type { Kysely } from 'kysely'
import { textOf } from '../../database/text.ts'
import { SECOND } from '../../durations.ts'
import { type ContentKind, contentKindOf } from '../content.ts'
import { type CollectedMail, type HeldMail, heldMailOf } from '../held-mail.ts'
import { messagesWithRecipients } from '../messages.ts'
import type { AmavisTables } from '../tables.ts'

/** A row of `msgrcpt` of a message that amavisd held for this recipient, with what its message says. */
export interface HeldRow extends CollectedMail, HeldMail {
  /** `msgrcpt.rs`, blank-free: '' for a message that nobody has touched. */
  readonly rs: string
  /** `msgs.content`: the worst of all recipients, also of those whom the viewer does not see. */
  readonly messageKind: ContentKind
  /** `msgs.quar_type`: where the quarantine keeps it. */
  readonly quarantineType: string
  /** `msgs.quar_loc`: the file's name, where it is kept in one. */
  readonly quarantineLocation: string | null
  /** The Message-ID header field. */
  readonly messageId: string
  /** Whether amavis calls the recipient local. */
  readonly isLocal: boolean
  /** Whether it came from one of our own networks or from somebody who had signed in to the MTA. */
  readonly isOriginating: boolean
  /** The network address from which the MTA got it; empty where amavisd was not told. */
  readonly clientAddress: string
}

/** Names a message, and perhaps one of its recipients. */
export interface HeldRowsKey {
  /** Undefined: in any partition. */
  readonly partitionTag: number | undefined
  readonly mailId: string
  /** Undefined: for all recipients. */
  readonly rseqnum: number | undefined
}

/**
 * The recipients for whom amavisd held this message, in the order in which the mail names them. `msgs` and `msgrcpt`
 * are read by their primary keys or, for any partition, `msgrcpt` by its index of mail ids. A message that the
 * quarantine never had has none, nor has a recipient to whom amavisd passed it on, nor one whose row another program has
 * marked in a way of its own (`rs` = S, H).
 */
export async function heldRowsOf(storage: Kysely<AmavisTables>, key: HeldRowsKey): Promise<HeldRow[]> {
  const rows = await heldRows(storage, key).execute()
  return rows
    .map(heldRowOf)
    .filter(row => row.mailId === key.mailId && isHeld(row))
    .sort((one, other) => one.partitionTag - other.partitionTag || one.rseqnum - other.rseqnum)
}

/** As `heldRowsOf`, of some hundred messages in any partition at once, in no order. */
export async function heldRowsOfMessages(
  storage: Kysely<AmavisTables>,
  mailIds: readonly string[],
): Promise<HeldRow[]> {
  if (mailIds.length === 0) return []
  const rows = await selectedRows(storage)
    .where('msgrcpt.mail_id', 'in', [...new Set(mailIds)])
    .execute()
  return rows.map(heldRowOf).filter(isHeld)
}

const isHeld = ({ quarantineType, rs }: HeldRow): boolean => quarantineType !== '' && STATES.has(rs)

/** New, viewed (Mailzu writes a small letter), released, pending, deleted. */
const STATES: ReadonlySet<string> = new Set(['', 'V', 'v', 'R', 'p', 'D'])

/** The statement of `heldRowsOf`. */
export const heldRows = (storage: Kysely<AmavisTables>, { partitionTag, mailId, rseqnum }: HeldRowsKey) =>
  selectedRows(storage)
    // Both tables are asked: a database that derives the second condition from the join is faster by nothing.
    .$if(partitionTag !== undefined, query =>
      query
        .where('msgs.partition_tag', '=', partitionTag ?? 0)
        .where('msgrcpt.partition_tag', '=', partitionTag ?? 0),
    )
    .where('msgs.mail_id', '=', mailId)
    .where('msgrcpt.mail_id', '=', mailId)
    .$if(rseqnum !== undefined, query => query.where('msgrcpt.rseqnum', '=', rseqnum ?? 0))

const selectedRows = (storage: Kysely<AmavisTables>) =>
  messagesWithRecipients(storage)
    .innerJoin('maddr as recipient', 'recipient.id', 'msgrcpt.rid')
    .leftJoin('maddr as sender', 'sender.id', 'msgs.sid')
    .select(['msgs.partition_tag', 'msgs.mail_id', 'msgrcpt.rseqnum', 'msgrcpt.content', 'msgrcpt.ds'])
    .select(['msgrcpt.rs', 'msgrcpt.bl', 'msgrcpt.bspam_level', 'msgrcpt.smtp_resp', 'msgrcpt.is_local'])
    .select(['recipient.email as recipient', 'sender.email as sender', 'msgs.content as message_content'])
    .select(['msgs.quar_type', 'msgs.quar_loc', 'msgs.from_addr', 'msgs.subject', 'msgs.size'])
    .select(['msgs.time_num', 'msgs.host', 'msgs.message_id', 'msgs.originating', 'msgs.client_addr'])
    .where('msgs.content', 'is not', null)
    .where('msgrcpt.ds', '!=', 'P')

type SelectedRow = Awaited<ReturnType<ReturnType<typeof heldRows>['executeTakeFirstOrThrow']>>

function heldRowOf(row: SelectedRow): HeldRow {
  const timeNum = Number(row.time_num)
  const mail: CollectedMail = {
    partitionTag: Number(row.partition_tag),
    mailId: textOf(row.mail_id),
    rseqnum: Number(row.rseqnum),
    recipient: textOf(row.recipient),
    timeNum,
    mailAt: timeNum * SECOND,
  }
  return {
    ...mail,
    ...heldMailOf(mail, row),
    rs: (row.rs ?? '').trim(),
    messageKind: contentKindOf((row.message_content ?? '').trim()),
    quarantineType: (row.quar_type ?? '').trim(),
    quarantineLocation: textOf(row.quar_loc),
    messageId: textOf(row.message_id) ?? '',
    isLocal: row.is_local.trim() === 'Y',
    isOriginating: row.originating.trim() === 'Y',
    clientAddress: row.client_addr?.trim() ?? '',
  }
}

import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { textOf } from '../database/text.ts'
import { CONTENT_KINDS, type ContentCode, type ContentKind, contentKindOf } from './content.ts'
import { contentOf, type HeldMailKey } from './held-mail.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** What `collect` needs to know of a held message. */
export interface HeldMailRow extends HeldMailKey {
  /** The envelope recipient as amavis stored it. */
  readonly recipient: string
  readonly content: string
  /** `msgs.time_num`: seconds since the epoch. */
  readonly timeNum: number
  /** The Message-ID header field of the message. */
  readonly messageId: string
}

export interface HeldMailFilter {
  /** Only recipients that amavis calls local (`is_local` = Y). */
  readonly localOnly: boolean
  /** Kinds that no digest lists, whoever the recipient is. */
  readonly excludedKinds: readonly ContentKind[]
  /** Where domains differ; undefined: they do not. */
  readonly byDomain?: DomainFilter | undefined
}

export interface DomainFilter {
  /** Kinds that no digest lists for this recipient. */
  readonly excludedFor: (recipient: string) => readonly ContentKind[]
  /** All of it in one text: by it, a filter is told from another one. */
  readonly text: string
}

/** Whether no digest lists mail of this kind to this recipient. */
export const isExcluded = (
  { excludedKinds, byDomain }: Pick<HeldMailFilter, 'excludedKinds' | 'byDomain'>,
  kind: ContentKind,
  recipient: string,
): boolean => excludedKinds.includes(kind) || (byDomain?.excludedFor(recipient).includes(kind) ?? false)

/**
 * The held mail with `from` ≤ `time_num` < `to`, in seconds; without `to`, no upper bound.
 *
 * The query reads `msgs` by `msgs_idx_time_num`, then `msgrcpt` by the first two columns of its primary key, then
 * `maddr` by its primary key. Starting from `msgrcpt` would take 4.6 times as long.
 */
export async function heldMailBetween(
  storage: Kysely<AmavisTables>,
  filter: HeldMailFilter,
  from: number,
  to?: number,
): Promise<HeldMailRow[]> {
  const rows = await heldMailRows(storage)
    .modifyFront(MESSAGES_FIRST)
    .where(heldBetween(filter, from, to))
    .execute()
  return rows.map(heldMailRowOf).filter(row => !isExcluded(filter, contentKindOf(row.content), row.recipient))
}

/**
 * Makes MySQL and MariaDB read the tables in the order in which they are named; to other databases it is a comment.
 * Where much mail had come at once, MariaDB still went by its statistics of the time before, joined all that was left of
 * the window for each page, and took 4 to 8 s for it.
 */
const MESSAGES_FIRST = sql`/*! straight_join */`

/** Some of the held mail of a window. */
export interface HeldMailPage {
  readonly rows: readonly HeldMailRow[]
  /** Where the rest begins, in seconds; undefined: there is none. */
  readonly next: number | undefined
}

/**
 * As `heldMailBetween`, from the oldest on, and about `limit` rows at once: a quarter of an hour may hold a million. The
 * rows of one second are never separated.
 */
export async function heldMailPage(
  storage: Kysely<AmavisTables>,
  filter: HeldMailFilter,
  { from, to }: { readonly from: number; readonly to: number | undefined },
  limit: number,
): Promise<HeldMailPage> {
  const found = await heldMailRows(storage)
    .modifyFront(MESSAGES_FIRST)
    .where(heldBetween(filter, from, to))
    .orderBy('msgs.time_num')
    .limit(limit)
    .execute()
  const rows = found.map(heldMailRowOf)
  const isWanted = (row: HeldMailRow) => !isExcluded(filter, contentKindOf(row.content), row.recipient)
  const last = rows.at(-1)?.timeNum
  if (last === undefined || rows.length < limit) return { rows: rows.filter(isWanted), next: undefined }
  const before = rows.filter(row => row.timeNum < last)
  if (before.length > 0) return { rows: before.filter(isWanted), next: last }
  return { rows: await heldMailBetween(storage, filter, last, last + 1), next: last + 1 }
}

/** The condition for held mail with `from` ≤ `time_num` < `to`, in seconds; without `to`, no upper bound. */
export const heldBetween =
  (filter: HeldMailFilter, from: number, to?: number) =>
  (where: ExpressionBuilder<AmavisTables, 'msgs' | 'msgrcpt'>) => {
    const excluded = excludedCodes(filter)
    return where.and([
      where('msgs.time_num', '>=', from),
      ...(to === undefined ? [] : [where('msgs.time_num', '<', to)]),
      where('msgs.content', 'is not', null),
      where('msgs.quar_type', 'not in', NOT_QUARANTINED),
      where('msgrcpt.ds', '!=', 'P'),
      where('msgrcpt.rs', 'in', WAITING),
      ...(filter.localOnly ? [where('msgrcpt.is_local', '=', 'Y')] : []),
      ...(excluded.length > 0 ? [where('msgrcpt.content', 'not in', excluded)] : []),
    ])
  }

/** The rows of one message, one for each recipient, held or not. */
export async function heldMailOfMessage(
  storage: Kysely<AmavisTables>,
  mailId: string,
): Promise<HeldMailRow[]> {
  const rows = await heldMailRows(storage).where('msgrcpt.mail_id', '=', mailId).execute()
  return rows.map(heldMailRowOf)
}

/** What `collect` needs to know of messages, one row for each recipient. */
export const heldMailRows = (storage: Kysely<AmavisTables>) =>
  messagesWithRecipients(storage)
    .innerJoin('maddr', 'maddr.id', 'msgrcpt.rid')
    .select(['msgs.partition_tag', 'msgs.mail_id', 'msgrcpt.rseqnum', 'maddr.email', 'msgrcpt.content'])
    .select(['msgs.time_num', 'msgs.message_id', 'msgs.content as message_content'])

type SelectedRow = Awaited<ReturnType<ReturnType<typeof heldMailRows>['executeTakeFirstOrThrow']>>

export const heldMailRowOf = (row: SelectedRow): HeldMailRow => ({
  partitionTag: Number(row.partition_tag),
  mailId: textOf(row.mail_id),
  rseqnum: Number(row.rseqnum),
  recipient: textOf(row.email),
  content: contentOf(row),
  timeNum: Number(row.time_num),
  messageId: textOf(row.message_id) ?? '',
})

/** `msgs.quar_type` of a message that is in no quarantine: a blank, which MySQL returns as ''. */
const NOT_QUARANTINED = [' ', '']

/** `msgrcpt.rs` of a held message: new or viewed. */
const WAITING = [' ', '', 'V', 'v']

const excludedCodes = (filter: HeldMailFilter): ContentCode[] =>
  (Object.keys(CONTENT_KINDS) as ContentCode[]).filter(code =>
    filter.excludedKinds.includes(CONTENT_KINDS[code]),
  )

import type { ExpressionBuilder, Kysely } from 'kysely'
import { textOf } from '../database/text.ts'
import { type CollectedMail, type HeldMailKey, isSameRecipient } from './held-mail.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

/** What amavisd needs to know to release a message. `secretId` never leaves the server. */
export interface ReleaseHandle extends HeldMailKey {
  readonly recipient: string
  readonly secretId: string
  readonly quarantineType: string
  readonly quarantineLocation: string | null
  /** `$myhostname` of the amavisd that holds it. */
  readonly host: string
  /** `rs` = D: somebody has deleted it for this recipient. */
  readonly isDeleted: boolean
}

/** Reads what amavisd needs to release this message; undefined when it is no longer in amavis's tables. */
export async function findReleaseHandle(
  storage: Kysely<AmavisTables>,
  mail: CollectedMail,
): Promise<ReleaseHandle | undefined> {
  const row = await messagesWithRecipients(storage)
    .leftJoin('maddr', 'maddr.id', 'msgrcpt.rid')
    .select(['maddr.email', 'msgs.secret_id', 'msgs.quar_type', 'msgs.quar_loc', 'msgs.host'])
    .select('msgrcpt.rs')
    .where(thisRecipient(mail))
    .where('msgs.time_num', '=', mail.timeNum)
    .executeTakeFirst()
  if (!row || !isSameRecipient(mail, row.email)) return undefined
  return {
    partitionTag: mail.partitionTag,
    mailId: mail.mailId,
    rseqnum: mail.rseqnum,
    recipient: mail.recipient,
    secretId: textOf(row.secret_id) ?? '',
    quarantineType: (row.quar_type ?? '').trim(),
    quarantineLocation: textOf(row.quar_loc),
    host: textOf(row.host).trim(),
    isDeleted: (row.rs ?? '').trim() === 'D',
  }
}

/** Sets `msgrcpt.rs` after a release, in this recipient's row only, so that other tools see the release. */
export const markReleased = (storage: Kysely<AmavisTables>, mail: CollectedMail): Promise<void> =>
  mark(storage, mail, 'R')

/** Sets `msgrcpt.rs` of a message that nobody is to release any more, in this recipient's row only. */
export const markDeleted = (
  storage: Kysely<AmavisTables>,
  mail: HeldMailKey & Pick<CollectedMail, 'timeNum'>,
): Promise<void> => mark(storage, mail, 'D')

async function mark(
  storage: Kysely<AmavisTables>,
  mail: HeldMailKey & Pick<CollectedMail, 'timeNum'>,
  rs: 'R' | 'D',
): Promise<void> {
  await storage
    .updateTable('msgrcpt')
    .set({ rs })
    .where(thisRecipient(mail))
    .where(where =>
      where.exists(
        where
          .selectFrom('msgs')
          .select('msgs.mail_id')
          .where('msgs.partition_tag', '=', mail.partitionTag)
          .where('msgs.mail_id', '=', mail.mailId)
          .where('msgs.time_num', '=', mail.timeNum),
      ),
    )
    .execute()
}

const thisRecipient = (key: HeldMailKey) => (where: ExpressionBuilder<AmavisTables, 'msgrcpt'>) =>
  where.and([
    where('msgrcpt.partition_tag', '=', key.partitionTag),
    where('msgrcpt.mail_id', '=', key.mailId),
    where('msgrcpt.rseqnum', '=', key.rseqnum),
  ])

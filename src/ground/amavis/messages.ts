import type { Kysely } from 'kysely'
import type { AmavisTables } from './tables.ts'

/** Messages joined with their recipients: one row for each recipient of a message. */
export const messagesWithRecipients = (storage: Kysely<AmavisTables>) =>
  storage
    .selectFrom('msgs')
    .innerJoin('msgrcpt', join =>
      join
        .onRef('msgrcpt.partition_tag', '=', 'msgs.partition_tag')
        .onRef('msgrcpt.mail_id', '=', 'msgs.mail_id'),
    )

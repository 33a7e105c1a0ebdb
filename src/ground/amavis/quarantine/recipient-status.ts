import type { Kysely } from 'kysely'
import type { HeldMailKey } from '../held-mail.ts'
import type { AmavisTables } from '../tables.ts'

/** The states that this program writes into `msgrcpt.rs`: '' for a blank, viewed, pending, deleted. */
export type RecipientStatus = '' | 'V' | 'p' | 'D'

/**
 * Sets `msgrcpt.rs` of a message for one recipient, by the primary key, unless somebody has changed it since it was
 * read: a message that was released meanwhile stays released.
 *
 * @param from as it was read, without blanks
 * @returns whether it was as expected, and is changed
 */
export async function changeStatus(
  storage: Kysely<AmavisTables>,
  { partitionTag, mailId, rseqnum, timeNum }: HeldMailKey & { readonly timeNum: number },
  from: string,
  to: RecipientStatus,
): Promise<boolean> {
  const result = await storage
    .updateTable('msgrcpt')
    .set({ rs: to || ' ' })
    .where('partition_tag', '=', partitionTag)
    .where('mail_id', '=', mailId)
    .where('rseqnum', '=', rseqnum)
    // Whether a blank equals '' is the collation's choice.
    .where('rs', 'in', from === '' ? ['', ' '] : [from])
    // A partition tag made of the ISO week comes back after a year.
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('msgs')
          .select('msgs.mail_id')
          .where('msgs.partition_tag', '=', partitionTag)
          .where('msgs.mail_id', '=', mailId)
          .where('msgs.time_num', '=', timeNum),
      ),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

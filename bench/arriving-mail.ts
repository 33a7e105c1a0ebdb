import type { Storage } from '../test/servers/storage.ts'

/** Held mail that comes evenly, each message to one recipient. */
export interface ArrivingMail {
  /** Seconds since the epoch. */
  readonly from: number
  readonly seconds: number
  /** Messages a second. */
  readonly rate: number
  /** Recipients are the addresses with the ids from 1 to this. */
  readonly readers: number
}

/** Writes the rows of such mail in two statements: for a database server, the quickest way to get them. */
export async function writeArriving(
  { query }: Pick<Storage, 'query'>,
  { from, seconds, rate, readers }: ArrivingMail,
): Promise<void> {
  const mailId = `LEFT(SHA1(CONCAT('${crypto.randomUUID()}', seq)), 12)`
  const mails = `seq_1_to_${Math.round(seconds * rate)}`
  await query(
    `INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, client_addr, size, content, quar_type, quar_loc,
       dsn_sent, spam_level, message_id, from_addr, subject, host)
     SELECT ${mailId}, 'secret', '1-1', ${from} + FLOOR((seq - 1) / ${rate}), '20260101T000000Z', 1 + seq % ${readers},
       '192.0.2.1', 4000, 'S', 'Q', '', ' ', 9, CONCAT('<', seq, '.${from}@shop.example>'), 'news@shop.example',
       'Your order is waiting', 'mx' FROM ${mails}`,
  )
  await query(
    `INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level, smtp_resp)
     SELECT ${mailId}, 1, 1 + seq % ${readers}, 'Y', 'S', 'D', ' ', 9, '250 2.7.0 Ok, discarded' FROM ${mails}`,
  )
}

import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'

/** How much mail is held for whom. */
export interface EvenVolume {
  readonly readers: number
  /** How many messages each reader has. */
  readonly messages: number
}

/** Fills amavis's tables as amavisd would within the last hours: each reader has the same number of held messages. */
export async function fillEvenly(
  { server, database }: MariaDbStorage,
  { readers, messages }: EvenVolume,
): Promise<void> {
  const mails = readers * messages
  const until = Math.floor(Date.now() / 1000) - 60
  const time = `${until} - FLOOR((${mails} - seq) * ${HOURS * 3600} / ${mails})`
  const mailId = `LPAD(CONV(seq * 7919 + 60466176, 10, 36), 12, 'x')`
  await asRoot(
    server,
    `
    SET unique_checks = 0, foreign_key_checks = 0, time_zone = '+00:00';
    INSERT INTO maddr (partition_tag, id, email, domain)
      SELECT 0, seq, CONCAT('reader', seq, '@d', seq % 200, '.example'), CONCAT('example.d', seq % 200)
      FROM seq_1_to_${readers};
    INSERT INTO maddr (partition_tag, id, email, domain)
      SELECT 0, ${SENDERS_FROM} + seq, CONCAT('news', seq, '@shop', seq, '.example'), CONCAT('example.shop', seq)
      FROM seq_0_to_${SENDERS - 1};
    INSERT INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, policy, client_addr, size,
                      originating, content, quar_type, quar_loc, dsn_sent, spam_level, message_id, from_addr, subject, host)
      SELECT 0, ${mailId}, ${mailId}, CONCAT('12345-', seq % 100), ${time},
             DATE_FORMAT(FROM_UNIXTIME(${time}), '%Y%m%dT%H%i%SZ'), ${SENDERS_FROM} + seq % ${SENDERS},
             '', '192.0.2.1', 2000 + seq % 60000, ' ', 'S', 'Q', ${mailId}, ' ',
             5 + seq % 300 / 10, CONCAT('<', seq, '.', SHA1(seq), '@shop', seq % ${SENDERS}, '.example>'),
             CONCAT('"Garden Shop ', seq % ${SENDERS}, '" <news', seq % ${SENDERS}, '@shop', seq % ${SENDERS}, '.example>'),
             CONCAT('Your order ', seq, ' is waiting for you at the shop'), 'mx.example.com'
      FROM seq_1_to_${mails};
    INSERT INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level, smtp_resp)
      SELECT 0, ${mailId}, 1, 1 + seq % ${readers}, 'Y', 'S', 'D', ' ', 5 + seq % 300 / 10, '250 2.7.0 Ok, discarded'
      FROM seq_1_to_${mails};
    ANALYZE TABLE maddr, msgs, msgrcpt`,
    database,
  )
}

const HOURS = 20
const SENDERS_FROM = 50_000_000
const SENDERS = 20_000

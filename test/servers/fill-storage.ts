import { asRoot } from './mariadb.ts'
import type { MariaDbStorage } from './storage.ts'

/** How much mail the tables hold. */
export interface Volume {
  readonly messages: number
  /** How many local addresses share it. The shares are uneven, and one address gets 2 % of everything. */
  readonly readers: number
  readonly days: number
}

/**
 * Fills amavis's tables as amavisd would within some days: 1.2 recipients a message, 60 % of the mail held, partition
 * tags by ISO week. The same volume gives the same rows, except for their times, which end now. 2.5 million messages
 * take about a minute.
 */
export async function fillStorage(storage: MariaDbStorage, volume: Volume, now: number): Promise<void> {
  await asRoot(storage.server, statements(volume, Math.floor(now / 1000)), storage.database)
}

function statements({ messages, readers, days }: Volume, until: number): string {
  const time = `(${until} - FLOOR((${messages} - n) * ${(days * 86_400) / messages}))`
  const tag = `WEEK(FROM_UNIXTIME(${time}), 3)`
  const reader = `IF(n % 45 = 2 AND r = 1, 1, 1 + FLOOR(${readers} * POW(${random("'rcpt', r, n")}, 1.2)))`
  const passed = `n % 5 < 2`
  const kind = `IF(${passed}, 'C', ELT(1 + n % 97 % 20, 'B', 'V', 'M', 'H', 'U', ${"'S', ".repeat(14)}'Y'))`
  const tags = `(SELECT DISTINCT WEEK(FROM_UNIXTIME(${until} - 86400 * d.seq), 3) AS tag FROM seq_0_to_${days} d) tags`
  return `
    SET unique_checks = 0, foreign_key_checks = 0, time_zone = '+00:00';
    INSERT INTO maddr (partition_tag, id, email, domain)
      SELECT tag, tag * ${TAG} + seq, CONCAT('reader', seq, '@d', seq % 2000, '.example'),
             CONCAT('example.d', seq % 2000)
      FROM ${tags}, seq_1_to_${readers};
    INSERT INTO maddr (partition_tag, id, email, domain)
      SELECT tag, tag * ${TAG} + ${SENDERS_FROM} + seq, CONCAT('news', seq, '@shop', seq, '.example'),
             CONCAT('example.shop', seq)
      FROM ${tags}, seq_0_to_${SENDERS - 1};
    INSERT INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, policy, client_addr, size,
                      originating, content, quar_type, quar_loc, dsn_sent, spam_level, message_id, from_addr, subject, host)
      SELECT ${tag}, ${mailId}, ${mailId}, CONCAT('12345-', n % 100), ${time},
             DATE_FORMAT(FROM_UNIXTIME(${time}), '%Y%m%dT%H%i%SZ'), ${tag} * ${TAG} + ${SENDERS_FROM} + n % ${SENDERS},
             '', '192.0.2.1', 2000 + n % 60000, ' ', ${kind}, IF(${passed}, ' ', 'Q'), ${mailId}, ' ',
             5 + n % 300 / 10, CONCAT('<', n, '.', SHA1(n), '@shop', n % ${SENDERS}, '.example>'),
             CONCAT('"Garden Shop ', n % ${SENDERS}, '" <news', n % ${SENDERS}, '@shop', n % ${SENDERS}, '.example>'),
             CONCAT('Your order ', n, ' is waiting for you at the shop'), 'mx.example.com'
      FROM (SELECT seq AS n FROM seq_1_to_${messages}) AS mail;
    INSERT INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level, smtp_resp)
      SELECT ${tag}, ${mailId}, r, ${tag} * ${TAG} + ${reader}, 'Y', ${kind}, IF(${passed}, 'P', 'D'), ' ',
             5 + n % 300 / 10, '250 2.7.0 Ok, discarded'
      FROM (SELECT seq AS n, 1 AS r FROM seq_1_to_${messages}
            UNION ALL SELECT seq, 2 FROM seq_4_to_${messages}_step_5) AS mail;
    ANALYZE TABLE maddr, msgs, msgrcpt`
}

/** The first address id of a partition tag is this many times the tag. */
const TAG = 10_000_000
const SENDERS_FROM = 5_000_000
const SENDERS = 20_000

/** Uniformly distributed between 0 and 1, and the same for the same values. */
const random = (values: string): string => `(CONV(LEFT(SHA1(CONCAT(${values})), 8), 16, 10) / 4294967296)`

/** 12 characters in no order, like amavisd's mail ids. */
const mailId = `LEFT(REPLACE(REPLACE(TO_BASE64(UNHEX(SHA1(n))), '+', '-'), '/', '_'), 12)`

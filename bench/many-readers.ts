import { HOUR, SECOND } from '../src/ground/durations.ts'
import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'

/**
 * Fills amavis's tables and ours with mail that has been collected and waits: two messages for each reader on average.
 * Every reader has at least one, one in 10,000 has 2,000 more, and the rest is unevenly spread. The same volume gives the
 * same rows, except for their times. A million readers take about two minutes.
 *
 * @param storage has amavis's tables and ours, all empty
 */
export async function fillManyReaders(storage: MariaDbStorage, volume: ManyReaders): Promise<void> {
  await asRoot(storage.server, statements(volume), storage.database)
}

export interface ManyReaders {
  readonly readers: number
  /** Another one spreads the mail otherwise. */
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

function statements({ readers, seed, now }: ManyReaders): string {
  const heavy = Math.max(1, Math.floor(readers / 10_000))
  const chosen = `IF(n <= ${readers}, n, IF(n % 5 = 0, 1 + n DIV 5 % ${heavy} * 9973 % ${readers}, ${uneven(readers, seed)}))`
  // The newest is an hour old: collecting does not look at it again.
  const time = `(${Math.floor((now - HOUR) / SECOND)} - n % 70000)`
  return `
    SET unique_checks = 0, foreign_key_checks = 0;
    INSERT INTO maddr (id, email, domain)
      SELECT seq, CONCAT(${address('seq')}), 'example' FROM seq_1_to_${readers};
    INSERT INTO maddr (id, email, domain)
      SELECT ${SENDERS_FROM} + seq, CONCAT('news', seq, '@shop', seq, '.example'), 'example' FROM seq_0_to_999;
    INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, client_addr, size, content, quar_type,
                      quar_loc, spam_level, message_id, from_addr, subject, host)
      SELECT ${mailId}, ${mailId}, '1', ${time}, '20260301T100000Z', ${SENDERS_FROM} + n % 1000, '', 2000 + n % 60000,
             'S', 'Q', ${mailId}, 10, CONCAT('<', n, '@shop.example>'),
             CONCAT('"Garden Shop ', n % 1000, '" <news', n % 1000, '@shop', n % 1000, '.example>'),
             CONCAT('Your order ', n, ' is waiting for you at the shop'), 'mx.example.com'
      FROM (SELECT seq AS n FROM seq_1_to_${2 * readers}) AS mail;
    INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level)
      SELECT ${mailId}, 1, ${chosen}, 'Y', 'S', 'D', ' ', 10
      FROM (SELECT seq AS n FROM seq_1_to_${2 * readers}) AS mail;
    INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at)
      SELECT LEFT(SHA1(n), 20), 0, ${mailId}, 1, email, email, 'S', ${time} * 1000, ${now - HOUR / 2}
      FROM (SELECT seq AS n FROM seq_1_to_${2 * readers}) AS mail, maddr WHERE maddr.id = ${chosen};
    INSERT INTO digest_watermark (name, value) VALUES ('collected-until', ${now});
    ANALYZE TABLE maddr, msgs, msgrcpt, digest_item`
}

const address = (n: string): string => `'reader', ${n}, '@d', ${n} % 2000, '.example'`

/** A reader's number; those with low numbers have more. */
const uneven = (readers: number, seed: number): string =>
  `(1 + FLOOR(${readers} * POW(CONV(LEFT(SHA1(CONCAT('${seed} reader', n)), 8), 16, 10) / 4294967296, 1.5)))`

const SENDERS_FROM = 50_000_000

/** 12 characters in no order, like amavisd's mail ids. */
const mailId = `LEFT(REPLACE(REPLACE(TO_BASE64(UNHEX(SHA1(n))), '+', '-'), '/', '_'), 12)`

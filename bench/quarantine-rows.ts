import { DAY, SECOND } from '../src/ground/durations.ts'
import type { Storage } from '../test/servers/storage.ts'

export type FilledKind = 'mariadb' | 'postgres' | 'sqlite'

export interface QuarantineVolume {
  /** Rows of `msgrcpt`. Of five messages, one goes to two recipients. */
  readonly recipients: number
  /** Their shares are uneven: the first one gets 2 % of all mail, the last one 0.002 %. */
  readonly readers: number
  readonly days: number
  /** Another one spreads the mail otherwise. */
  readonly seed: number
  /** When the last message came, in milliseconds since the epoch. */
  readonly now: number
}

/** Fills amavis's tables on any database. The same volume gives the same rows, but for their times. */
export async function fillQuarantine(
  world: Storage,
  kind: FilledKind,
  volume: QuarantineVolume,
): Promise<void> {
  const words = WORDS[kind]
  // Row by row, the upkeep of the indexes takes ten times as long as making them at the end.
  const dropped = await world.query<Dropped>(words.indexes)
  for (const { drop } of dropped) await world.query(drop)
  const { addresses, mails } = statements(words, volume)
  for (const statement of addresses) await world.query(statement)
  await Promise.all(mails.map(statement => world.query(statement)))
  for (const { create } of dropped) await world.query(create)
  await world.query(words.analyse)
}

/** An index that is not there while a table is filled. */
interface Dropped {
  readonly drop: string
  readonly create: string
}

interface Statements {
  readonly addresses: readonly string[]
  /** Each fills a table of its own: two processors take half the time. */
  readonly mails: readonly string[]
}

function statements(words: Words, { recipients, readers, days, seed, now }: QuarantineVolume): Statements {
  const { series, octets, hex, concat, iso, whole } = words
  const messages = Math.round((recipients * 5) / 6)
  const until = Math.floor(now / SECOND)
  const second = (days * DAY) / SECOND / messages
  const time = whole(`${until} - (${messages} - n) * ${second}`)
  const tag = `(${whole(`(${time}) / 604800`)} % 53)`
  const scattered = '((n * 2654435761) % 4294967296)'
  const mailId = octets(concat(hex(scattered, 8), hex('(n % 65536)', 4)))
  // A large seed, such as a date, would make the product larger than the 64 bits that it has.
  const salt = (seed * 7919) % 1_000_000_007
  const share = `(((n + ${salt} + rseqnum * 977) * 2654435761) % 4294967296) / 4294967296.0`
  const reader = `CASE WHEN n % 45 = 2 THEN 1 ELSE 1 + ${whole(`${readers} * (${share}) * (${share})`)} END`
  const held = 'n % 5 < 3'
  const content = `CASE WHEN NOT (${held}) THEN 'C' WHEN n % 97 = 1 THEN 'V' WHEN n % 97 < 8 THEN 'B' WHEN n % 97 < 20 THEN 'H' ELSE 'S' END`
  const rs = `CASE WHEN n % 333 = 0 THEN 'R' WHEN n % 333 = 1 THEN 'D' WHEN n % 333 < 30 THEN 'V' ELSE ' ' END`
  const sender = `${SENDERS_FROM} + n % ${SENDERS}`
  const ofReaders = `${words.insert} INTO maddr (partition_tag, id, email, domain)
    SELECT t.n, t.n * ${TAG} + r.n, ${octets(concat("'reader'", 'r.n', "'@d'", 'r.n % 2000', "'.example'"))},
      ${concat("'example.d'", 'r.n % 2000')} FROM ${series(53, 't', 0)}, ${series(readers, 'r', 1)}
      WHERE t.n IN (SELECT DISTINCT ${tag} FROM ${series(days, 'day', 0, `${messages} - n * ${Math.floor(messages / days)}`)})`
  const ofSenders = `${words.insert} INTO maddr (partition_tag, id, email, domain)
    SELECT t.n, t.n * ${TAG} + ${SENDERS_FROM} + s.n, ${octets(concat("'news'", 's.n', "'@shop'", 's.n', "'.example'"))},
      ${concat("'example.shop'", 's.n')} FROM ${series(53, 't', 0)}, ${series(SENDERS - 1, 's', 0)}
      WHERE t.n IN (SELECT DISTINCT partition_tag FROM maddr)`
  const msgs = `${words.insert} INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, size, originating, content,
      quar_type, quar_loc, spam_level, message_id, from_addr, subject, host)
    SELECT ${tag}, ${mailId}, ${octets("'secret'")}, '12345-1', ${time}, ${iso}, ${tag} * ${TAG} + ${sender}, 2000 + n % 60000,
      ' ', ${content}, CASE WHEN ${held} THEN 'Q' ELSE ' ' END, ${words.location}, 5 + n % 300 / 10.0,
      ${concat("'<'", 'n', "'@shop.example>'")},
      ${concat("'\"Garden Shop '", `n % ${SENDERS}`, "'\" <news'", `n % ${SENDERS}`, "'@shop'", `n % ${SENDERS}`, "'.example>'")},
      ${concat("'Your order '", 'n', "' is waiting for you at the shop'", "CASE WHEN n % 300000 = 7 THEN ' Zebra' ELSE '' END")},
      'mx.example.com'
    FROM ${series(messages, 'm', 1)}`
  const msgrcpt = `${words.insert} INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level, smtp_resp)
    SELECT ${tag}, ${mailId}, rseqnum, ${tag} * ${TAG} + ${reader}, 'Y', ${content},
      CASE WHEN ${held} THEN 'D' ELSE 'P' END, ${rs}, 5 + n % 300 / 10.0, '250 2.7.0 Ok, discarded'
    FROM ${series(messages, 'm', 1)} CROSS JOIN (SELECT 1 AS rseqnum UNION ALL SELECT 2) AS recipients
    WHERE rseqnum = 1 OR n % 5 = 2`
  return { addresses: [ofReaders, ofSenders], mails: [msgs, msgrcpt] }
}

/** The first address id of a partition tag is this many times the tag. */
const TAG = 1_000_000
const SENDERS_FROM = 500_000
const SENDERS = 20_000

/** How each database says the same. */
interface Words {
  /** A table with the numbers from `from` to `to` as its column `n`, or what is made of them. */
  series(to: number, name: string, from: number, made?: string): string
  octets(text: string): string
  hex(number: string, digits: number): string
  concat(...parts: readonly string[]): string
  whole(number: string): string
  readonly iso: string
  readonly location: string
  /** Into an empty table, MariaDB inserts without checks by sorting first. */
  readonly insert: string
  /** Selects the statements that drop indexes and create them again. */
  readonly indexes: string
  readonly analyse: string
}

const WORDS: Readonly<Record<FilledKind, Words>> = {
  mariadb: {
    series: (to, name, from, made = 'n') =>
      `(SELECT ${made} AS n FROM (SELECT seq AS n FROM seq_${from}_to_${to}) AS plain) AS ${name}`,
    octets: text => text,
    hex: (number, digits) => `LPAD(LOWER(HEX(${number})), ${digits}, '0')`,
    concat: (...parts) => `CONCAT(${parts.join(', ')})`,
    whole: number => `FLOOR(${number})`,
    iso: "'20260101T000000Z'",
    location: "''",
    insert: 'SET STATEMENT unique_checks = 0, foreign_key_checks = 0 FOR INSERT',
    indexes: 'SELECT 1 AS nothing WHERE 1 = 0',
    analyse: 'ANALYZE TABLE maddr, msgs, msgrcpt',
  },
  postgres: {
    series: (to, name, from, made = 'n') =>
      `(SELECT ${made} AS n FROM generate_series(${from}::bigint, ${to}) AS plain (n)) AS ${name}`,
    octets: text => `convert_to(${text}, 'UTF8')`,
    hex: (number, digits) => `lpad(to_hex(${number}), ${digits}, '0')`,
    concat: (...parts) => `concat(${parts.join(', ')})`,
    whole: number => `floor(${number})::bigint`,
    iso: 'now()',
    location: "''",
    insert: 'INSERT',
    indexes: `SELECT format('ALTER TABLE %s DROP CONSTRAINT %s', conrelid::regclass, conname) AS "drop",
        format('ALTER TABLE %s ADD CONSTRAINT %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS "create"
      FROM pg_constraint WHERE conrelid IN ('msgs'::regclass, 'msgrcpt'::regclass) AND contype IN ('p', 'u')
      UNION ALL SELECT format('DROP INDEX %s', indexname), indexdef FROM pg_indexes
      WHERE schemaname = current_schema() AND tablename IN ('msgs', 'msgrcpt') AND indexdef NOT LIKE '% UNIQUE %'`,
    analyse: 'ANALYZE',
  },
  sqlite: {
    series: (to, name, from, made = 'n') =>
      `(WITH RECURSIVE plain (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM plain WHERE n < ${to}) SELECT ${made} AS n FROM plain) AS ${name}`,
    octets: text => text,
    hex: (number, digits) => `printf('%0${digits}x', ${number})`,
    concat: (...parts) => `(${parts.map(part => `(${part})`).join(' || ')})`,
    whole: number => `CAST(${number} AS INTEGER)`,
    iso: "'20260101T000000Z'",
    location: "''",
    insert: 'INSERT',
    indexes: `SELECT 'DROP INDEX ' || name AS "drop", sql AS "create" FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
      UNION ALL SELECT 'PRAGMA journal_mode = off', 'PRAGMA journal_mode = delete'
      UNION ALL SELECT 'PRAGMA synchronous = off', 'PRAGMA synchronous = full'
      UNION ALL SELECT 'PRAGMA cache_size = -1000000', 'PRAGMA cache_size = -2000'`,
    analyse: 'ANALYZE',
  },
}

import { DAY, HOUR, MINUTE } from '../src/ground/durations.ts'
import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'

export interface OwnVolume {
  /** Milliseconds since the epoch: that of `fillQuarantine`. */
  readonly now: number
  readonly readers: number
  /** A reader gets a digest for each span of so many days in which mail was held. */
  readonly daysOfDigest: number
  /** One of so many items was released, and one of twice as many asked for. */
  readonly releasedOneOf: number
}

/**
 * Fills our own tables on MariaDB as weeks of work would, from what `fillQuarantine` has put into amavis's: items of all
 * held mail, digests that list them, but for the mail of the last hours, releases, requests, clicks, the audit, and
 * settings of every reader in all the world's time zones.
 */
export async function fillOwnTables(database: MariaDbStorage, volume: OwnVolume): Promise<void> {
  const run = (statements: string) => asRoot(database.server, statements, database.database)
  await run(INDEXES.map(({ table, name }) => `ALTER TABLE ${table} DROP INDEX ${name}`).join(';'))
  await run(`SET unique_checks = 0; ${[...statements(volume)].join(';\n')}`)
  await run(
    INDEXES.map(({ table, name, columns }) => `ALTER TABLE ${table} ADD INDEX ${name} (${columns})`).join(
      ';',
    ),
  )
  await run(`ANALYZE TABLE ${FILLED.join(', ')}`)
}

const FILLED = [
  'digest_item',
  'digest_digest',
  'digest_run',
  'digest_release',
  'digest_request',
  'digest_request_reader',
  'digest_click',
  'digest_audit',
  'digest_preference',
]

/** Made again at the end: row by row, their upkeep takes several times as long. */
const INDEXES = [
  { table: 'digest_item', name: 'digest_item_pending', columns: 'digest_id, reader' },
  { table: 'digest_item', name: 'digest_item_reader', columns: 'reader, collected_at' },
  { table: 'digest_item', name: 'digest_item_mail', columns: 'mail_at, content, digest_id, reader' },
  { table: 'digest_item', name: 'digest_item_message', columns: 'partition_tag, mail_id' },
  { table: 'digest_item', name: 'digest_item_held', columns: 'held_id' },
]

function* statements({ now, readers, daysOfDigest, releasedOneOf }: OwnVolume): Generator<string> {
  const span = daysOfDigest * DAY
  const due = `${now} - period * ${span}`
  const digestId = `LEFT(MD5(CONCAT(reader, ' ', period)), 24)`
  yield `INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content, mail_at, collected_at, digest_id)
    SELECT ${HELD_ID}, partition_tag, mail_id, rseqnum, reader, reader, content, time_num * 1000, time_num * 1000 + ${MINUTE},
      IF(time_num * 1000 > ${now - WAITING}, NULL, ${digestId})
    FROM (SELECT r.partition_tag, r.mail_id, r.rseqnum, r.content, m.time_num, CONVERT(a.email USING utf8mb4) AS reader,
        FLOOR((${now} - m.time_num * 1000) / ${span}) AS period
      FROM msgrcpt r JOIN msgs m ON m.partition_tag = r.partition_tag AND m.mail_id = r.mail_id JOIN maddr a ON a.id = r.rid
      WHERE m.quar_type = 'Q' AND r.ds <> 'P' AND r.content <> 'V') AS held`
  yield `INSERT INTO digest_digest (digest_id, run_id, batch_id, reader, deliver_to, language, time_zone, item_count, state,
      created_at, attempts, next_attempt_at, finished_at, reply, send_at)
    SELECT digest_id, CONCAT('run-', period), CONCAT('batch-', period), reader, reader, 'en', 'Europe/Paris', items,
      IF(period = 0 AND CRC32(reader) % 50 = 0, 'pending', IF(CRC32(digest_id) % 500 = 0, 'failed', 'sent')),
      ${due}, 1, ${due}, IF(period = 0 AND CRC32(reader) % 50 = 0, NULL, ${due} + 1000), '250 2.0.0 Ok: queued', ${due}
    FROM (SELECT digest_id, MIN(reader) AS reader, COUNT(*) AS items,
        MIN(FLOOR((${now} - mail_at) / ${span})) AS period
      FROM digest_item WHERE digest_id IS NOT NULL GROUP BY digest_id) AS listed`
  yield `INSERT INTO digest_run (run_id, schedule, due_at, started_at, finished_at)
    SELECT CONCAT('run-', seq), 'daily', ${now} - seq * ${span}, ${now} - seq * ${span}, ${now} - seq * ${span} + 1000
    FROM seq_0_to_200`
  yield `INSERT INTO digest_release (item_id, state, claim_id, requested_by, asked_by, requested_at, lease_until, attempts,
      next_attempt_at, finished_at, reply)
    SELECT item_id, IF(CRC32(item_id) % 1000 = 0, 'failed', 'released'), LEFT(MD5(item_id), 24), recipient, reader,
      mail_at + ${HOUR}, 0, 1, NULL, mail_at + ${HOUR}, '250 2.6.0 Ok'
    FROM digest_item WHERE CRC32(item_id) % ${releasedOneOf} = 0 AND digest_id IS NOT NULL`
  yield `INSERT INTO digest_request (request_id, open_held_id, held_id, partition_tag, mail_id, rseqnum, recipient, domain,
      content, mail_at, state, asked_at, expires_at, decided_by, decided_at, marked, next_at, version)
    SELECT LEFT(MD5(CONCAT('request', item_id)), 24), IF(mail_at > ${now - DAY}, item_id, NULL), item_id, partition_tag,
      mail_id, rseqnum, recipient, SUBSTRING_INDEX(recipient, '@', -1), content, mail_at,
      IF(mail_at > ${now - DAY}, 'waiting', 'approved'), mail_at + ${HOUR}, mail_at + ${30 * DAY},
      IF(mail_at > ${now - DAY}, NULL, 'root'), IF(mail_at > ${now - DAY}, NULL, mail_at + ${2 * HOUR}), 1, NULL, 1
    FROM digest_item WHERE CRC32(item_id) % ${2 * releasedOneOf} = 1`
  yield `INSERT INTO digest_request_reader (request_id, reader, item_id, asked_at)
    SELECT request_id, recipient, held_id, asked_at FROM digest_request`
  yield `INSERT INTO digest_click (click_id, at, digest_id, domain, page, method, after_ms)
    SELECT digest_id, created_at + ${HOUR}, digest_id, SUBSTRING_INDEX(reader, '@', -1), 'release', 'GET', ${HOUR}
    FROM digest_digest WHERE CRC32(digest_id) % 5 = 0`
  yield `INSERT INTO digest_audit (audit_id, at, actor_kind, actor, action, item_id, recipient, outcome, reader, digest_id)
    SELECT LEFT(MD5(CONCAT('audit', item_id)), 24), requested_at, 'reader', requested_by, 'release', item_id, requested_by,
      state, requested_by, NULL FROM digest_release`
  yield `INSERT INTO digest_audit (audit_id, at, actor_kind, actor, action, recipient, outcome, reader)
    SELECT LEFT(MD5(CONCAT('look', seq)), 24), ${now} - seq * 600000, 'admin', 'root', 'look', ${READER}, 'shown', ${READER}
    FROM seq_1_to_${readers}`
  yield `INSERT INTO digest_preference (scope, time_zone, language, version, updated_at, zone_since)
    SELECT ${READER}, ELT(1 + seq % ${ZONES.length}, ${ZONES.map(zone => `'${zone}'`).join()}), 'en', 1,
      ${now} - seq * 1000, ${now - 30 * DAY} FROM seq_1_to_${readers}`
}

/** Mail of the last hours waits for the next digest. */
const WAITING = 12 * HOUR

const READER = "CONCAT('reader', seq, '@d', seq % 2000, '.example')"

/** As `heldIdOf` makes it. */
const HELD_ID = `LEFT(REPLACE(REPLACE(TO_BASE64(UNHEX(SHA2(CONCAT(partition_tag, CHAR(0), mail_id, CHAR(0), rseqnum, CHAR(0),
  time_num), 256))), '+', '-'), '/', '_'), 20)`

const ZONES = Intl.supportedValuesOf('timeZone')

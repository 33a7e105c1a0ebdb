import { DatabaseSync } from 'node:sqlite'
import { MINUTE, SECOND } from '../../ground/durations.ts'
import { headerField } from '../mail/header-field.ts'
import { newMailId } from '../mail/mail-id.ts'
import type { Sample, Verdict } from '../samples/sample.ts'
import { asciiDomain, composeMessage } from './compose.ts'
import { quarantinedText, VIRUS } from './quarantined-text.ts'
import { AMAVIS_SCHEMA, LOOKUP_SCHEMA } from './schema.ts'

/**
 * Makes an SQLite database with amavisd's tables and stores the samples in it, as amavisd would have during the hours
 * before `now`.
 */
export function createStorage(file: string, samples: readonly Sample[], now: number): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA journal_mode = WAL')
    database.exec(AMAVIS_SCHEMA)
    database.exec(LOOKUP_SCHEMA)
    database.exec('BEGIN')
    for (const [index, sample] of samples.entries()) storeSample(database, sample, now, index)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** Stores a message as amavisd does when it holds it. @param now what `minutesAgo` counts from */
export function storeSample(database: DatabaseSync, sample: Sample, now: number, index: number): void {
  const receivedAt = now - sample.minutesAgo * MINUTE
  const message: Stored = {
    ...newMailId(),
    sample,
    receivedAt,
    partitionTag: partitionTagOf(receivedAt),
    // Process and task, as in amavisd's log.
    amId: `${String(4200 + (index % 3)).padStart(5, '0')}-${String(index + 1).padStart(2, '0')}`,
    text: composeMessage(sample, receivedAt),
  }
  storeMessage(database, message)
  if (!sample.unfinished) storeRecipients(database, message)
  storeText(database, message)
}

interface Stored {
  readonly mailId: string
  readonly secretId: string
  readonly sample: Sample
  readonly receivedAt: number
  readonly partitionTag: number
  readonly amId: string
  readonly text: Buffer
}

/** The day of the week, one of two choices that amavisd documents. Every address gets a `maddr` row for each day. */
const partitionTagOf = (time: number): number => new Date(time).getUTCDay() + 1

function storeMessage(database: DatabaseSync, message: Stored): void {
  const { sample, text } = message
  const [verdict] = sample.verdicts
  insert(database, 'msgs', {
    partition_tag: message.partitionTag,
    mail_id: message.mailId,
    secret_id: message.secretId,
    am_id: message.amId,
    time_num: Math.floor(message.receivedAt / SECOND),
    time_iso: isoTime(message.receivedAt),
    sid: addressId(database, message.partitionTag, sample.sender),
    client_addr: '192.0.2.25',
    size: messageSize(text),
    originating: 'N',
    host: 'mx.example.com',
    ...(sample.unfinished
      ? {}
      : {
          content: verdict.content,
          quar_type: 'Q',
          quar_loc: `${message.mailId}[${message.partitionTag}]`,
          dsn_sent: 'N',
          spam_level: verdict.score,
          message_id: headerField(text, 'Message-ID'),
          from_addr: headerField(text, 'From'),
          subject: headerField(text, 'Subject'),
        }),
  })
}

function storeRecipients(database: DatabaseSync, message: Stored): void {
  for (const [index, verdict] of message.sample.verdicts.entries()) {
    insert(database, 'msgrcpt', {
      partition_tag: message.partitionTag,
      mail_id: message.mailId,
      rseqnum: index + 1,
      rid: addressId(database, message.partitionTag, verdict.recipient),
      is_local: 'Y',
      content: verdict.content,
      ds: verdict.delivery ?? 'D',
      rs: verdict.released ?? ' ',
      bl: verdict.isBlockListed ? 'Y' : 'N',
      wl: 'N',
      bspam_level: verdict.score,
      smtp_resp: smtpResponse(verdict, message),
    })
  }
}

function storeText(database: DatabaseSync, message: Stored): void {
  const stored = quarantinedText(message.text, message.sample, message)
  for (let start = 0, chunk = 1; start < stored.length; start += CHUNK_OCTETS, chunk += 1) {
    insert(database, 'quarantine', {
      partition_tag: message.partitionTag,
      mail_id: message.mailId,
      chunk_ind: chunk,
      mail_text: stored.subarray(start, start + CHUNK_OCTETS),
    })
  }
}

/** `$sql_quarantine_chunksize_max`. */
const CHUNK_OCTETS = 16_384

/** The id of an address in `maddr`, where amavisd keeps each address once per partition tag (`find_or_save_addr`). */
function addressId(database: DatabaseSync, partitionTag: number, address: string): number {
  const email = asciiDomain(address).toLowerCase()
  const known = database
    .prepare('SELECT id FROM maddr WHERE partition_tag = ? AND email = ?')
    .get(partitionTag, email)
  if (known) return Number(known.id)
  const domain = email
    .slice(email.lastIndexOf('@') + 1)
    .split('.')
    .reverse()
    .join('.')
  return insert(database, 'maddr', { partition_tag: partitionTag, email, domain })
}

function insert(
  database: DatabaseSync,
  table: string,
  row: Record<string, string | number | null | Buffer>,
): number {
  const columns = Object.keys(row)
  const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  return Number(database.prepare(statement).run(...Object.values(row)).lastInsertRowid)
}

/** RFC 1870 counts line ends as two octets. */
function messageSize(text: Buffer): number {
  let size = text.length
  for (const octet of text) if (octet === 0x0a) size += 1
  return size
}

/** `20240229T060000Z` */
const isoTime = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')

/** As amavisd's `%smtp_reason_by_ccat` words it. */
const smtpResponse = (verdict: Verdict, { amId, sample }: Stored): string =>
  verdict.delivery === 'P'
    ? '250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok'
    : `250 2.7.0 Ok, discarded, id=${amId}${reasonOf(verdict.content, sample)}`

function reasonOf(content: Verdict['content'], { attachments: [attachment] = [] }: Sample): string {
  switch (content) {
    case 'B':
      return attachment ? ` - BANNED: ${attachment.type},${attachment.filename}` : ' - BANNED'
    case 'V':
      return ` - INFECTED: ${VIRUS}`
    case 'U':
      return ' - UNCHECKED: encrypted'
    case 'H':
    case 'M':
      return ' - BAD HEADER'
    case 'S':
      return ' - spam'
    default:
      return ''
  }
}

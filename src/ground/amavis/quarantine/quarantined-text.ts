import type { Kysely } from 'kysely'
import { textOf } from '../../database/text.ts'
import type { AmavisTables } from '../tables.ts'

/** What the quarantine keeps of a message, as octets: never decoded, because its parts may be in any charset. */
export type QuarantinedText =
  | (QuarantinedOctets & {
      readonly is:
        | 'whole'
        /** It has more octets than were asked for. */
        | 'too-large'
        /** Chunks are missing. */
        | 'damaged'
    })
  /** It is a file on amavisd's host, or in a mailbox. */
  | { readonly is: 'not-in-sql' }

export interface QuarantinedOctets {
  /** From its beginning on, as far as it was read: the first of it tells what amavisd found. Its memory is its own. */
  readonly octets: Uint8Array<ArrayBuffer>
  /** The last chunk is as long as any but the last: more may have been there. */
  readonly endsFull: boolean
}

export interface QuarantinedMessage {
  readonly partitionTag: number
  readonly mailId: string
  /** `msgs.quar_type`. */
  readonly quarantineType: string
  /** `msgs.size`: octets as they came, with CR LF at the end of each line. */
  readonly size: number
}

/**
 * Reads a message from the SQL quarantine by its primary key, a megabyte at a time, and stops at a limit.
 *
 * @param mostOctets of a message that is read as a whole; of a larger one, only the first slice is read
 */
export async function quarantinedText(
  storage: Kysely<AmavisTables>,
  message: QuarantinedMessage,
  mostOctets: number,
): Promise<QuarantinedText> {
  if (message.quarantineType !== IN_SQL) return { is: 'not-in-sql' }
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    const rows = await chunksAfter(storage, message, chunks.length).execute()
    for (const row of rows) {
      if (Number(row.chunk_ind) !== chunks.length + 1) return { is: 'damaged', ...joined(chunks) }
      const octets = octetsOf(row.mail_text)
      chunks.push(octets)
      total += octets.length
    }
    if (total > mostOctets || message.size > mostOctets) return { is: 'too-large', ...joined(chunks) }
    if (rows.length < SLICE) break
  }
  return { is: chunks.length > 0 ? 'whole' : 'damaged', ...joined(chunks) }
}

/**
 * The beginning of a message, in which amavisd's head is, unless that names some thousand recipients.
 *
 * @returns undefined where the SQL quarantine does not have it
 */
export async function quarantinedBeginning(
  storage: Kysely<AmavisTables>,
  message: Omit<QuarantinedMessage, 'size'>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (message.quarantineType !== IN_SQL) return undefined
  const rows = await chunksAfter(storage, message, 0).limit(BEGINNING).execute()
  if (rows.some((row, index) => Number(row.chunk_ind) !== index + 1)) return undefined
  return joined(rows.map(row => octetsOf(row.mail_text))).octets
}

/** Chunks. */
const BEGINNING = 4

const IN_SQL = 'Q'

/** Chunks in one statement. amavisd writes 16,384 octets into each. */
const SLICE = 64

/** The statement of a slice, along the primary key. amavisd counts chunks from 1. */
export const chunksAfter = (
  storage: Kysely<AmavisTables>,
  { partitionTag, mailId }: Pick<QuarantinedMessage, 'partitionTag' | 'mailId'>,
  chunk: number,
) =>
  storage
    .selectFrom('quarantine')
    .select(['chunk_ind', 'mail_text'])
    .where('partition_tag', '=', partitionTag)
    .where('mail_id', '=', mailId)
    .where('chunk_ind', '>', chunk)
    .orderBy('chunk_ind')
    .limit(SLICE)

/** A schema of one's own may have the column as text. */
const octetsOf = (value: AmavisTables['quarantine']['mail_text']): Uint8Array =>
  typeof value === 'string' ? Buffer.from(textOf(value)) : value

function joined(chunks: readonly Uint8Array[]): QuarantinedOctets {
  const octets = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    octets.set(chunk, at)
    at += chunk.length
  }
  return { octets, endsFull: chunks.at(-1)?.length === CHUNK }
}

const CHUNK = 16_384

/**
 * Whether chunks are missing at the end. Then the last one that is there is full, and the message is smaller than it was
 * when it came.
 *
 * @param messageAt where the message begins, after amavisd's head
 * @param size `msgs.size`
 */
export function lacksItsEnd(text: QuarantinedOctets, messageAt: number, size: number): boolean {
  if (!text.endsFull) return false
  const message = text.octets.subarray(messageAt)
  return message.length + lineEnds(message) < size
}

function lineEnds(octets: Uint8Array): number {
  let count = 0
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) count += 1
  return count
}

const LF = 0x0a

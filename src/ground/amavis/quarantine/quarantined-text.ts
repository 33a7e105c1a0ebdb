import type { Kysely } from 'kysely'
import { textOf } from '../../database/text.ts'
import type { AmavisTables } from '../tables.ts'

/** What the quarantine keeps of a message, as octets: never decoded, because its parts may be in any charset. */
export type QuarantinedText =
  | {
      readonly is:
        | 'whole' /** It has more octets than were asked for. */
        | 'too-large' /** Chunks are missing. */
        | 'damaged'
      /** From its beginning on, as far as it was read: the first of it tells what amavisd found. Its memory is its own. */
      readonly octets: Uint8Array<ArrayBuffer>
    }
  /** It is a file on amavisd's host, or in a mailbox. */
  | { readonly is: 'not-in-sql' }

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
      if (Number(row.chunk_ind) !== chunks.length + 1) return { is: 'damaged', octets: joined(chunks) }
      const octets = octetsOf(row.mail_text)
      chunks.push(octets)
      total += octets.length
    }
    if (total > mostOctets || message.size > mostOctets) return { is: 'too-large', octets: joined(chunks) }
    if (rows.length < SLICE) break
  }
  const octets = joined(chunks)
  return { is: isCutOff(chunks, octets, message.size) ? 'damaged' : 'whole', octets }
}

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

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/**
 * Whether chunks are missing at the end. All but the last are of one length, so a last one that is shorter is the last.
 * Otherwise the size tells, which counts each line's end twice; the text has a head more than it counts.
 */
function isCutOff(chunks: readonly Uint8Array[], octets: Uint8Array, size: number): boolean {
  const last = chunks.at(-1)
  if (!last) return true
  if (last.length < CHUNK) return false
  return octets.length + lineEnds(octets) < size
}

const CHUNK = 16_384

function lineEnds(octets: Uint8Array): number {
  let count = 0
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) count += 1
  return count
}

const LF = 0x0a

import type { ContentCode } from '../../ground/amavis/content.ts'
import type { Charset } from '../mail/charset.ts'

/** One message of the demo as data. `composeMessage` turns it into RFC 5322 text. */
export interface Sample {
  readonly minutesAgo: number
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  readonly from: { readonly name?: string; readonly address: string }
  /** Undefined if the message has no Subject field, or has one in `rawHeader`. */
  readonly subject?: string
  readonly verdicts: readonly [Verdict, ...Verdict[]]
  /** Rules of SpamAssassin and their points that it matches; usual ones make up the rest of its score. */
  readonly rules?: readonly (readonly [name: string, points: number])[]
  /** The character set of encoded words and text parts; UTF-8 if left out. */
  readonly charset?: Charset
  readonly transfer?: 'base64' | 'quoted-printable'
  readonly text: string
  /** The content of the body element. */
  readonly html?: string
  readonly attachments?: readonly Attachment[]
  /** `report` for a bounce. */
  readonly multipart?: 'mixed' | 'report; report-type=delivery-status'
  /** Header lines that are written unchanged, valid or not. */
  readonly rawHeader?: readonly (string | Buffer)[]
  /** amavisd has not finished with it (`msgs.content` is NULL). */
  readonly unfinished?: true
}

/** What amavisd decided for one recipient. */
export interface Verdict {
  readonly recipient: string
  readonly content: ContentCode
  /** null when amavisd did not ask SpamAssassin. */
  readonly score: number | null
  /** `msgrcpt.ds`: D when left out. */
  readonly delivery?: 'D' | 'P'
  /** `msgrcpt.rs`: new when left out. */
  readonly released?: 'R'
  /** Its sender is on the recipient's block list. */
  readonly isBlockListed?: true
}

export interface Attachment {
  readonly filename?: string
  readonly type: string
  readonly content: Buffer
}

export const ALICE = 'alice@example.com'
export const BOB = 'bob@example.com'
export const ONEIL = "o'neil@example.com"
export const MUELLER = 'müller@example.com'

/** Held as spam for Alice. */
export const spam = (score: number): Sample['verdicts'] => [{ recipient: ALICE, content: 'S', score }]

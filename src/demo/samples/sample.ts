import type { ContentCode } from '../../ground/amavis/content.ts'
import type { Charset } from '../mail/charset.ts'

/** One message of the demo as data; `compose` makes RFC 5322 text of it. */
export interface Sample {
  readonly minutesAgo: number
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  readonly from: { readonly name?: string; readonly address: string }
  /** Left out: the message has no Subject field, or brings its own in `rawHeader`. */
  readonly subject?: string
  readonly verdicts: readonly [Verdict, ...Verdict[]]
  /** Of the encoded words and of the text parts; UTF-8 if left out. */
  readonly charset?: Charset
  readonly transfer?: 'base64' | 'quoted-printable'
  readonly text: string
  /** What stands in the body element. */
  readonly html?: string
  readonly attachments?: readonly Attachment[]
  /** `report` for a bounce. */
  readonly multipart?: 'mixed' | 'report; report-type=delivery-status'
  /** Header lines that are written as they stand, right or wrong. */
  readonly rawHeader?: readonly (string | Buffer)[]
  /** amavisd has not finished it (`msgs.content` is NULL). */
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

/** Held as spam, for Alice. */
export const spam = (score: number): Sample['verdicts'] => [{ recipient: ALICE, content: 'S', score }]

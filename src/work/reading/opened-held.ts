import type { Attachment } from '../../ground/message/attachments.ts'
import type { AuthenticationResult, SpamRule } from '../../ground/message/head/findings.ts'
import type { Warning } from '../../rules/warnings/warnings-of.ts'
import type { ListedHeld } from '../quarantine/held-list.ts'

/** A held message as it is read. All strings come from a mail and are hostile. */
export interface OpenedHeld {
  /** One for a reader; for an admin, all recipients within reach. Never empty. */
  readonly recipients: readonly ListedHeld[]
  /** The From of its header, decoded; empty where it only repeats the envelope sender. */
  readonly headerFrom: string
  /** Of its header, decoded; empty: answers go to the From. */
  readonly replyTo: string
  /** What amavisd warned of in its own head, such as `INFECTED, message contains virus: Eicar-Signature`. */
  readonly alerts: readonly string[]
  /** The points of each rule, the weightiest first; empty where amavisd did not score the message. */
  readonly rules: readonly SpamRule[]
  readonly warnings: readonly Warning[]
  /** What amavisd left about SPF, DKIM and DMARC. */
  readonly authentication: readonly AuthenticationResult[]
  readonly content: OpenedContent
}

/** What could be made of the message itself. */
export type OpenedContent =
  | {
      readonly is: 'shown'
      /** As plain text; what was HTML has become text, with the real host of each link. Bounded. */
      readonly text: string
      readonly isTextCut: boolean
      /** Whether there is HTML, which is shown on demand. */
      readonly hasHtml: boolean
      readonly attachments: readonly Attachment[]
    }
  | { readonly is: 'not-shown'; readonly why: NotShown }

export type NotShown =
  /** It exceeds a limit of size, parts, memory or time. */
  | 'too-large'
  /** Parts of it are missing, or it could not be read. */
  | 'damaged'
  /** The quarantine keeps it as a file on amavisd's host, or not at all. */
  | 'not-in-sql'
  /** It has a virus, and the viewer may not open it. */
  | 'virus'
  /** It is a mail of this program, whose links are its recipient's alone. */
  | 'own'

import type { ListedHeld } from '../quarantine/held-list.ts'

/** A held message as it is read. All strings come from a mail and are hostile. */
export interface OpenedHeld {
  /** One for a reader; for an admin, all recipients within reach. Never empty. */
  readonly recipients: readonly ListedHeld[]
  /** Of the header, where it differs from the envelope or leads elsewhere; empty: none. */
  readonly headerFrom: string
  readonly replyTo: string
  /** The points of each rule, as amavisd wrote them; empty where it did not score the message. */
  readonly rules: readonly SpamRule[]
  readonly warnings: readonly Warning[]
  /** What amavisd or the MTA left about SPF, DKIM and DMARC. */
  readonly authentication: readonly AuthenticationResult[]
  readonly content: MessageContent
}

export interface SpamRule {
  readonly name: string
  readonly points: number
}

/** Something that a careful reader would notice. */
export type Warning =
  /** The sender's domain looks like one of ours, or like a well-known one. */
  | { readonly about: 'lookAlike'; readonly domain: string; readonly like: string }
  /** The sender's name holds another address than the sender's. */
  | { readonly about: 'addressInName'; readonly address: string }
  /** One of our own domains, but the mail came from outside. */
  | { readonly about: 'ownDomain'; readonly domain: string }
  /** Answers go to another domain. */
  | { readonly about: 'replyElsewhere'; readonly address: string }

export interface AuthenticationResult {
  readonly method: 'spf' | 'dkim' | 'dmarc'
  readonly result: string
}

/** What could be made of the message itself. */
export type MessageContent =
  | {
      readonly is: 'shown'
      /** As plain text; what was HTML has become text, with the real host of each link. Bounded. */
      readonly text: string
      readonly isTextCut: boolean
      /** Whether there is HTML, which is shown on demand. */
      readonly hasHtml: boolean
      readonly attachments: readonly Attachment[]
    }
  | {
      readonly is: 'not-shown'
      readonly why: /** It exceeds a limit of size, parts, memory or time. */
        | 'too-large'
        /** Parts of it are missing, or it could not be read. */
        | 'damaged'
        /** The quarantine keeps it as a file on amavisd's host, or not at all. */
        | 'not-in-sql'
        /** It has a virus, and the viewer may not open it. */
        | 'virus'
    }

export interface Attachment {
  /** Its place in the message, from 0: names it in a download. */
  readonly index: number
  readonly name: string
  /** As the message declares it. */
  readonly type: string
  /** As its first octets show it; undefined: not recognised. */
  readonly sniffedType: string | undefined
  /** Octets, decoded. */
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
}

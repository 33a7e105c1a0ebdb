import type { ErrorCode } from '../errors.ts'

/** The port that sends digests and other mails. An adapter sends once and reports the answer. It does not retry. */
export interface Mailer extends AsyncDisposable {
  /**
   * Never rejects: if the server is dead, the answer is `unreachable`.
   * @param mayGo asked when a connection is free, which may take a while; if false, the mail is withdrawn
   */
  send(mail: OutgoingMail, mayGo?: () => boolean): Promise<SendAnswer>
  /** Checks whether we can connect and sign in. @returns the fault; undefined when we can */
  probe(): Promise<MailerFault | undefined>
}

/** Why the server cannot be used. */
export interface MailerFault {
  readonly code: ErrorCode
  /** A sentence that says what to do, with the server's reply. */
  readonly reply: string
}

export interface OutgoingMail {
  /** The address for the envelope and the header, spelled as amavis stored it. */
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly text: string
  /** An image that the HTML part shows, as `cid:` and its `contentId`. */
  readonly image?: InlineImage | undefined
  readonly messageId: string
  /** Milliseconds since the epoch. */
  readonly date: number
  readonly language: string
  /** For List-Unsubscribe (RFC 8058). Only a digest has it, because a digest is sent like mail of a list; not its copies. */
  readonly preferencesUrl?: string | undefined
  /** False when the admin lets nobody pause: an unsubscribe button in a mail program would then have no effect. */
  readonly mayUnsubscribe?: boolean
}

export interface InlineImage {
  /** Without brackets (RFC 2392). */
  readonly contentId: string
  readonly type: string
  readonly fileName: string
  readonly content: Buffer
}

/** `mayHaveArrived` is true when the server may have accepted the mail, but its answer was lost. */
export type SendAnswer =
  | { readonly outcome: 'accepted'; readonly reply: string }
  /** 4xx for this mail: a later attempt may succeed. */
  | { readonly outcome: 'deferred'; readonly reply: string; readonly mayHaveArrived?: boolean }
  /** 5xx for this mail. */
  | { readonly outcome: 'refused'; readonly reply: string }
  /** Refused for its size: a smaller one may be accepted. */
  | { readonly outcome: 'too-large'; readonly reply: string }
  /** No connection, no TLS or no sign-in: this mail is not the cause. */
  | {
      readonly outcome: 'unreachable'
      readonly reply: string
      readonly code?: ErrorCode
      readonly mayHaveArrived?: boolean
    }
  /** Not sent: when its turn came, the caller no longer wanted it. */
  | { readonly outcome: 'withdrawn'; readonly reply: string }

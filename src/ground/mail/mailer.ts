/** The port through which a mail leaves: a digest, or a short one of ours. An adapter sends once and reports; it does not retry. */
export interface Mailer extends AsyncDisposable {
  /** Never rejects: a dead server is an answer too. */
  send(mail: OutgoingMail): Promise<SendAnswer>
  /** Whether the server can be reached and lets us in; undefined when all is well, else what is wrong. */
  probe(): Promise<string | undefined>
}

export interface OutgoingMail {
  /** Envelope and header address, in the spelling that amavis stored. */
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly messageId: string
  /** Milliseconds since the epoch. */
  readonly date: number
  readonly language: string
  /** For List-Unsubscribe (RFC 8058): of a digest, which a list sends; other mails have none. */
  readonly preferencesUrl?: string | undefined
  /** False: where an admin lets nobody pause, nothing that a mail program may offer would help. */
  readonly mayUnsubscribe?: boolean
}

/** `mayHaveArrived`: the mail was perhaps handed over, and the server's answer was lost. */
export type SendAnswer =
  | { readonly outcome: 'accepted'; readonly reply: string }
  /** 4xx for this mail; later may do. */
  | { readonly outcome: 'deferred'; readonly reply: string; readonly mayHaveArrived?: boolean }
  /** 5xx for this mail. */
  | { readonly outcome: 'refused'; readonly reply: string }
  /** No connection, no TLS or no sign-in: nothing that has to do with this mail. */
  | { readonly outcome: 'unreachable'; readonly reply: string; readonly mayHaveArrived?: boolean }

/** A mail that is handed to a server as anybody might: without signing in, and without TLS. */
export interface SubmittedMail {
  /** The envelope sender; empty: the null sender. */
  readonly from: string
  readonly to: string
  readonly message: Buffer
}

export type Submitted =
  | { readonly outcome: 'taken'; readonly reply: string }
  /** The server's reply, 4xx or 5xx. */
  | { readonly outcome: 'refused'; readonly reply: string }
  | { readonly outcome: 'unreachable'; readonly reply: string }

/**
 * The port through which a held message is freed. An adapter asks amavisd once, for one recipient, and reports what
 * amavisd answered; it neither retries nor judges policy.
 */
export interface ReleaseTransport {
  /**
   * Asks amavisd to deliver one quarantined message to one recipient.
   * Never rejects: a dead or silent amavisd is an answer too (`unreachable`).
   *
   * @param signal ends the wait for a free connection
   * @param turn called when the wait for a free connection is over, right before amavisd is asked; false: it is not
   */
  release(
    request: ReleaseRequest,
    signal?: AbortSignal,
    turn?: () => Promise<boolean>,
  ): Promise<ReleaseAnswer>
  /** Whether amavisd is there, without asking it for anything; undefined when all is well, else what is wrong. */
  probe(): Promise<string | undefined>
}

/** What amavisd is told. `secretId` authorises the release and appears in no message, log or page. */
export interface ReleaseRequest {
  readonly mailId: string
  readonly secretId: string
  readonly partitionTag: number
  /** `msgs.host`, the `$myhostname` of the amavisd that holds it: where there are several, that one is asked. */
  readonly host: string
  /** `msgs.quar_type`: Q (SQL), F (file) or Z (gzipped file). */
  readonly quarantineType: string
  /** `msgs.quar_loc`: the file of an F or Z quarantine; amavisd wants it as `mail_file`. */
  readonly quarantineLocation: string | null
  /** The one envelope address that shall get the message, in the SMTP form (RFC 5321) in which amavis stores it. */
  readonly recipient: string
  /** Who asked: lands in `Resent-From:` of the released message. */
  readonly requestedBy: string
}

export type ReleaseAnswer =
  /** Each `setreply` was 2xx and none of them `250 2.5.0` (nobody to deliver to). */
  | { readonly outcome: 'released'; readonly reply: string }
  /** 4xx that time may cure: the next MTA is away. */
  | { readonly outcome: 'deferred'; readonly reply: string }
  /** Refused for good: 5xx, a wrong secret, an unknown or purged message. */
  | { readonly outcome: 'refused'; readonly reply: string }
  /** The quarantine no longer holds the message. */
  | { readonly outcome: 'gone'; readonly reply: string }
  /**
   * amavisd could not be asked. `asked` tells whether the request had been written in full before the connection
   * broke: if so, a copy may have been delivered.
   */
  | { readonly outcome: 'unreachable'; readonly reply: string; readonly asked: boolean }

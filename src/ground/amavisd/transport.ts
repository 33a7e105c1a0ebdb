/**
 * The port through which a held message is released. An adapter asks amavisd once, for one recipient, and reports the
 * answer. It neither retries nor applies policies.
 */
export interface ReleaseTransport {
  /**
   * Asks amavisd to deliver one quarantined message to one recipient.
   * Never rejects: if amavisd is dead or silent, the answer is `unreachable`.
   *
   * @param signal ends the wait for a free connection
   * @param mayAsk called once a connection is free, right before amavisd is asked; false prevents the request
   */
  release(
    request: ReleaseRequest,
    signal?: AbortSignal,
    mayAsk?: () => Promise<boolean>,
  ): Promise<ReleaseAnswer>
  /** Checks whether amavisd can be asked, without releasing anything. @returns the fault; undefined when it can */
  probe(): Promise<string | undefined>
}

/** What amavisd is asked. `secretId` authorises the release and appears in no message, log or page. */
export interface ReleaseRequest {
  readonly mailId: string
  readonly secretId: string
  readonly partitionTag: number
  /** `msgs.host`, the `$myhostname` of the amavisd that holds it: if there are several, that one is asked. */
  readonly host: string
  /** `msgs.quar_type`: Q (SQL), F (file) or Z (gzipped file). */
  readonly quarantineType: string
  /** `msgs.quar_loc`: the file of an F or Z quarantine, which amavisd expects as `mail_file`. */
  readonly quarantineLocation: string | null
  /** The one envelope address that is to get the message, in the SMTP form (RFC 5321) in which amavis stores it. */
  readonly recipient: string
  /** Who asked: this address becomes `Resent-From:` of the released message. */
  readonly requestedBy: string
}

export type ReleaseAnswer =
  /** Every `setreply` was 2xx, and none was `250 2.5.0` (nobody to deliver to). */
  | { readonly outcome: 'released'; readonly reply: string }
  /** A 4xx that may be temporary, such as when the next MTA is down. */
  | { readonly outcome: 'deferred'; readonly reply: string }
  /** Refused for good: 5xx, a wrong secret, an unknown or purged message. */
  | { readonly outcome: 'refused'; readonly reply: string }
  /** The quarantine no longer holds the message. */
  | { readonly outcome: 'gone'; readonly reply: string }
  /**
   * amavisd could not be asked, or did not answer. `asked` tells whether the request had been written before the
   * connection broke: if so, a copy may have been delivered.
   */
  | { readonly outcome: 'unreachable'; readonly reply: string; readonly asked: boolean }

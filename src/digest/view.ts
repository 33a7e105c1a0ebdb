import type { HeldMail } from '../amavis/held-mail.ts'
import type { ReleasePolicy } from '../release/policy.ts'

/** All that a digest shows, before it is put into words: the input of the mail, its text part and the page. */
export interface DigestView {
  /** The mailbox that this digest is for, as it is to be shown (U-label domain is up to the renderer). */
  readonly reader: string
  /** BCP 47 tag. */
  readonly language: string
  /** IANA name. */
  readonly timeZone: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** How many messages the digest holds, including those that do not fit. */
  readonly total: number
  /** When the oldest of them came, in milliseconds since the epoch. */
  readonly since: number
  /** In the order in which they are shown. */
  readonly entries: readonly DigestEntry[]
  readonly links: DigestLinks
  /** Whom to ask; undefined when the configuration names no admin. */
  readonly contact: string | undefined
}

export interface DigestEntry {
  readonly mail: HeldMail
  readonly policy: ReleasePolicy
  /** Until when it can be released, in milliseconds since the epoch. */
  readonly releasableUntil: number
  readonly releaseUrl: string
}

export interface DigestLinks {
  /** The whole digest in the browser. */
  readonly digest: string
  readonly preferences: string
}

import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { DigestLinks } from '../../../ground/links/urls.ts'
import type { Group } from '../../../rules/policy/group.ts'
import type { Offer } from '../../../rules/policy/offer.ts'
import type { ReleaseNews } from './release-news.ts'

/** All that a digest shows, before it is rendered: the input of the mail, its text part and the page. */
export interface DigestView {
  /** The mailbox that this digest is for. The renderer turns an A-label domain into its U-label. */
  readonly reader: string
  /** BCP 47 tag. */
  readonly language: string
  /** IANA name. */
  readonly timeZone: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** How many messages the digest holds, including those that do not fit. */
  readonly total: number
  /**
   * When the oldest of them came, in milliseconds since the epoch. For a digest without messages: when the previous one
   * was made, undefined when there was none.
   */
  readonly since: number | undefined
  /** In the order in which they are shown. */
  readonly entries: readonly DigestEntry[]
  /** The groups that have messages, in the order in which they are shown. */
  readonly groups: readonly DigestGroup[]
  /** Until when its messages can be released, in milliseconds since the epoch. Some may have to go earlier. */
  readonly releasableUntil: number
  /** Whether each message is listed with its score. */
  readonly showsScore: boolean
  /** Whether no filter reads the digest, so that suspect words are quoted as they are. */
  readonly quotesLiterally?: boolean
  /** The messages that earlier digests listed and that still wait; undefined when there are none. */
  readonly waiting: StillWaiting | undefined
  /** The reader's releases that may not have gone as expected. */
  readonly news: readonly NewsEntry[]
  /** How many more releases there are. */
  readonly moreNews: number
  /** Whose digest it is. */
  readonly brand: ShownBrand
  /** The reader's own words, by which they know that a digest is genuine. Cleaned; empty if there are none. */
  readonly phrase: string
  /** Who gets it, if it is a copy. An admin has chosen the address. */
  readonly copyFor?: string | undefined
  readonly links: Omit<DigestLinks, 'preferences'> & {
    /** Undefined in a copy. */
    readonly preferences: string | undefined
  }
  /** Whom to ask; undefined when the configuration names no admin. */
  readonly contact: string | undefined
}

export interface ShownBrand {
  /** Empty if there is none. */
  readonly name: string
  readonly logo: ShownLogo | undefined
}

export interface ShownLogo {
  /** `cid:` and the Content-ID of the attached image, or a `data:` URL where nothing can be attached. */
  readonly src: string
  /** In pixels. */
  readonly width: number
  readonly height: number
}

export interface DigestGroup {
  readonly group: Group
  /** How many messages of the digest are in it, including those that do not fit. */
  readonly total: number
}

export interface DigestEntry {
  readonly mail: HeldMail
  readonly group: Group
  /** What its reader may do with the message. */
  readonly offer: Offer
  /** Until when it can be released, in milliseconds since the epoch. */
  readonly releasableUntil: number
  readonly releaseUrl: string
}

export interface StillWaiting {
  readonly total: number
  /** Whether there may be more than `total`. */
  readonly isAtLeast: boolean
  /** How many of them expire soon. */
  readonly soon: number
  /** The first of those that expire soon. */
  readonly entries: readonly DigestEntry[]
}

export interface NewsEntry {
  readonly mail: HeldMail | undefined
  readonly what: ReleaseNews
  /** When the release ended, in milliseconds since the epoch. */
  readonly at: number
  /** Undefined when the message can no longer be released. */
  readonly releaseUrl: string | undefined
}

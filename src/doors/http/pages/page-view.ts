import type { LearningOffer } from '../../../desks/learning/learning-desk.ts'
import type { OtherMessages } from '../../../desks/reader/other-messages.ts'
import type { TogetherOutcome } from '../../../desks/reader/release-together.ts'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Group } from '../../../rules/policy/group.ts'
import type { DigestEntry } from '../../../work/digest/show/view.ts'
import type { ReleasedBy } from '../../../work/release/released-by.ts'
import type { RequestSeen } from '../../../work/requests/requests-seen.ts'
import type { Writer } from '../web/writer.ts'
import type { DestinationPage, PreferencesPage } from './preferences-view.ts'
import type { SenderPart } from './sender-view.ts'

/** What a page shows, before it is put into words. */
export type PageView =
  /** GET of a release link: the message and one clear button. */
  | {
      readonly page: 'release'
      readonly mail: HeldMail
      /** Whether the page may release by itself at the first sign of a human. */
      readonly releasesItself: boolean
      readonly releasableUntil: number
      /** The path of the page that shows what is in the message. */
      readonly inside?: string | undefined
      readonly senders?: SenderPart | undefined
    }
  /** GET of a link to a risky message: what it is, what to do, and a quiet button. Its form posts `confirm=yes`. */
  | {
      readonly page: 'confirm'
      readonly mail: HeldMail
      readonly releasableUntil: number
      readonly inside?: string | undefined
      readonly senders?: SenderPart | undefined
    }
  /** GET of a link to a message that an admin has to be asked for: what it is, and a quiet button. */
  | {
      readonly page: 'ask'
      readonly mail: HeldMail
      readonly releasableUntil: number
      /** When it was asked for in vain: nobody decided in time. */
      readonly expired: number | undefined
      readonly inside?: string | undefined
      readonly senders?: SenderPart | undefined
    }
  /** An admin has been asked, and will decide. */
  | {
      readonly page: 'requested'
      readonly mail: HeldMail | undefined
      /** Undefined: another program has asked. */
      readonly request: RequestSeen | undefined
      /** Whether this reader may ask, too. */
      readonly mayJoin: boolean
      readonly list?: OtherMessages | undefined
      readonly isAnswer?: boolean
    }
  /** An admin has refused it. */
  | {
      readonly page: 'refused'
      readonly mail: HeldMail | undefined
      readonly at: number
      /** What the admin says; untrusted text. */
      readonly note: string | undefined
      readonly list?: OtherMessages | undefined
    }
  | {
      readonly page: 'released'
      readonly mail: HeldMail | undefined
      readonly recipient: string
      readonly already: boolean
      readonly releasedBy?: ReleasedBy | undefined
      readonly learn?: LearnableOnPage | undefined
      readonly list?: OtherMessages | undefined
      readonly senders?: SenderPart | undefined
      readonly isAnswer?: boolean
    }
  /** amavisd will be asked again; the reader has nothing to do. */
  | {
      readonly page: 'queued'
      readonly mail: HeldMail | undefined
      readonly recipient: string
      readonly list?: OtherMessages | undefined
      readonly senders?: SenderPart | undefined
      /** Answers a form: a return to it must not send the form again. */
      readonly isAnswer?: boolean
    }
  | {
      readonly page: 'release-failed'
      readonly mail: HeldMail | undefined
      readonly code: ErrorCode
      readonly mayRetry: boolean
      readonly list?: OtherMessages | undefined
      readonly senders?: SenderPart | undefined
    }
  /** A held message, whose model the room of the quarantine's pages makes. */
  | { readonly page: 'message'; readonly model: (writer: Writer) => object; readonly basePath: string }
  | DigestPage
  | DigestReleasedPage
  | PreferencesPage
  | DestinationPage
  /** Behind the link that no human sees. */
  | { readonly page: 'canary' }
  /** A fresh digest was asked for. `again`: too soon, and when it may be asked for, in milliseconds since the epoch. */
  | { readonly page: 'fresh'; readonly again: number | undefined }
  | {
      readonly page: 'error'
      readonly code: ErrorCode
      readonly link?: LinkToSettings | undefined
      /** The path that sends a fresh digest. */
      readonly fresh?: string | undefined
    }

/** What the filter can be told of a message, and where. */
export interface LearnableOnPage {
  readonly offer: LearningOffer
  readonly ref: string
  /** The path of the message's own page, which takes the form. */
  readonly path: string
}

/** A link that has nothing to do with a message. */
export type LinkToSettings = 'preferences' | 'destination'

/** One page of the whole digest. */
export interface DigestPage {
  readonly page: 'digest'
  readonly reader: string
  readonly createdAt: number
  /** How many messages were found. */
  readonly total: number
  /** How many messages the digest has, found or not. */
  readonly all: number
  /** How many of those found belong to each group. */
  readonly totals: Readonly<Record<Group, number>>
  /** What the reader looked for; empty if all messages are listed. */
  readonly find: string
  /** The number of this page, counted from 1. */
  readonly number: number
  readonly pages: number
  readonly entries: readonly DigestPageEntry[]
  readonly showsScore: boolean
  readonly notice: DigestNotice | undefined
  /** What was just deleted: the path of its form to undo that. */
  readonly undo?: string | undefined
  /** Paths without a host: of the neighbouring pages, and of the first page of all messages. */
  readonly pagePaths: {
    readonly previous: string | undefined
    readonly next: string | undefined
    readonly all: string
  }
  /** Which page this is, as its rows hand it on: `page=2&find=garden`. */
  readonly place: string
}

/** Why the page is shown once more. */
export type DigestNotice = 'nothing-ticked'

export interface DigestPageEntry extends Omit<DigestEntry, 'mail' | 'group'> {
  readonly itemId: string
  /** Undefined when the message has left amavis's tables since the digest was sent. */
  readonly mail: HeldMail | undefined
  readonly group: Group | undefined
  readonly releasedBy?: ReleasedBy | undefined
  readonly isRefused?: boolean
  /** Whether its reader may join those who have asked for it. */
  readonly mayJoin?: boolean
  /** The path of the page that shows what is in the message; undefined when it has left amavis's tables. */
  readonly inside?: string | undefined
}

/** What became of the messages that were ticked on the page of a digest. */
export interface DigestReleasedPage {
  readonly page: 'digest-released'
  readonly results: readonly (TogetherOutcome & { readonly entry: DigestPageEntry | undefined })[]
  readonly backPath: string
}

/** For whom a page is rendered, and in what form. */
export interface PageContext {
  /** BCP 47 tags in order of preference. */
  readonly languages: readonly string[]
  readonly timeZone: string
  readonly now: number
  /** For the `nonce` attribute of the page's one style and one script element. */
  readonly nonce: string
  /** The words by which a reader knows our pages. */
  readonly phrase?: string | undefined
  /** The address for questions. */
  readonly contact: string | undefined
}

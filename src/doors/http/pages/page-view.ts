import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Group } from '../../../rules/policy/group.ts'
import type { DigestEntry } from '../../../work/digest/show/view.ts'
import type { DestinationPage, PreferencesPage } from './preferences-view.ts'

/** What a page shows, before it is put into words. */
export type PageView =
  /** GET of a release link: the message and one clear button. */
  | {
      readonly page: 'release'
      readonly mail: HeldMail
      /** Whether the page may release by itself at the first sign of a human. */
      readonly releasesItself: boolean
      readonly releasableUntil: number
    }
  /** The second, explicit confirmation for risky content; its form posts `confirm=yes`. */
  | { readonly page: 'confirm'; readonly mail: HeldMail; readonly releasableUntil: number }
  | {
      readonly page: 'released'
      readonly mail: HeldMail | undefined
      readonly recipient: string
      readonly already: boolean
    }
  /** amavisd will be asked again; the reader has nothing to do. */
  | { readonly page: 'queued'; readonly mail: HeldMail | undefined; readonly recipient: string }
  | {
      readonly page: 'release-failed'
      readonly mail: HeldMail | undefined
      readonly code: ErrorCode
      readonly mayRetry: boolean
    }
  | DigestPage
  | PreferencesPage
  | DestinationPage
  /** Behind the link that no human sees. */
  | { readonly page: 'canary' }
  | { readonly page: 'error'; readonly code: ErrorCode; readonly link?: LinkToSettings | undefined }

/** A link that has nothing to do with a message. */
export type LinkToSettings = 'preferences' | 'destination'

/** One page of the whole digest. */
export interface DigestPage {
  readonly page: 'digest'
  readonly reader: string
  readonly createdAt: number
  readonly total: number
  /** The number of this page, counted from 1. */
  readonly number: number
  readonly pages: number
  readonly entries: readonly DigestPageEntry[]
  /** The paths of the neighbouring pages, without a host. */
  readonly pagePaths: { readonly previous: string | undefined; readonly next: string | undefined }
}

export interface DigestPageEntry extends Omit<DigestEntry, 'mail' | 'group'> {
  /** Undefined when the message has left amavis's tables since the digest was sent. */
  readonly mail: HeldMail | undefined
  readonly group: Group | undefined
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

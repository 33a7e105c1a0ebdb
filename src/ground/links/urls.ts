import type { ContentKind } from '../amavis/content.ts'
import { keptUntil, type Retention } from '../amavis/retention.ts'
import { DAY } from '../durations.ts'
import type { KeyRing } from './key-ring.ts'
import { bindingOf, signToken } from './token.ts'

/** Makes the links of mails and pages. They are built from `publicUrl` only. */
export interface Urls {
  /** @param copy the id of the copy of a digest in which the link stands */
  release(item: LinkedItem, digestCreatedAt: number, now: number, copy?: string): ReleaseLink
  ofDigest(digest: LinkedDigest, now: number): DigestLinks
  /** The link that confirms a new destination for a reader's digests. */
  destination(request: LinkedDestination, now: number): string
}

export interface DigestLinks {
  /** The whole digest in the browser. */
  readonly digest: string
  readonly preferences: string
  /** The link that no human sees, to detect machines. Undefined when the configuration turns it off. */
  readonly canary: string | undefined
}

export interface ReleaseLink {
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly releasableUntil: number
}

export interface LinkedItem {
  readonly itemId: string
  readonly recipient: string
  readonly reader: string
  /** When amavisd received the message, in milliseconds since the epoch. */
  readonly mailAt: number
  readonly kind: ContentKind
}

export interface LinkedDigest {
  readonly digestId: string
  readonly reader: string
  readonly createdAt: number
}

export interface LinkedDestination {
  readonly requestId: string
  readonly reader: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface UrlSettings {
  readonly publicUrl: string
  /** The lifetime of a link, in milliseconds. */
  readonly lifetime: number
  readonly retention: Retention
  /** Whether each digest has a link that no human sees; false by default. */
  readonly canary?: boolean
}

/** The longest lifetime of any link, in milliseconds. A key must verify for this long after its last signature. */
export const longestLifetime = (lifetime: number): number => Math.max(lifetime, PREFERENCES_LIFETIME)

/** Unsubscribing must work for at least 30 days after the mail was sent (16 CFR 316.5), unlike releasing. */
const PREFERENCES_LIFETIME = 60 * DAY

/** Until when a link of a digest releases: until it expires, or until the quarantine no longer holds the message. */
export const releasableUntil = (
  { lifetime, retention }: Pick<UrlSettings, 'lifetime' | 'retention'>,
  item: Pick<LinkedItem, 'mailAt' | 'kind'>,
  digestCreatedAt: number,
): number => Math.min(digestCreatedAt + lifetime, keptUntil(retention, item))

export function createUrls(settings: UrlSettings, keys: Pick<KeyRing, 'current'>): Urls {
  const { publicUrl, lifetime } = settings
  return {
    release(item, digestCreatedAt, now, copy) {
      const until = releasableUntil(settings, item, digestCreatedAt)
      const binding = bindingOf(item.recipient, item.reader, copy)
      const token = signToken(
        { purpose: 'release', subject: item.itemId, binding, copy, expiresAt: until },
        keys.current(now),
      )
      return { url: `${publicUrl}/release/${token}`, releasableUntil: until }
    },
    ofDigest(digest, now) {
      const key = keys.current(now)
      const common = { subject: digest.digestId, binding: bindingOf(digest.digestId, digest.reader) }
      const expiresAt = digest.createdAt + lifetime
      const preferencesExpireAt = digest.createdAt + longestLifetime(lifetime)
      return {
        digest: `${publicUrl}/digest/${signToken({ ...common, purpose: 'digest', expiresAt }, key)}`,
        canary: settings.canary
          ? `${publicUrl}/more/${signToken({ ...common, purpose: 'canary', expiresAt }, key)}`
          : undefined,
        preferences: `${publicUrl}/preferences/${signToken({ ...common, purpose: 'preferences', expiresAt: preferencesExpireAt }, key)}`,
      }
    },
    destination({ requestId, reader, expiresAt }, now) {
      const binding = bindingOf(requestId, reader)
      const link = { purpose: 'destination', subject: requestId, binding, expiresAt } as const
      return `${publicUrl}/destination/${signToken(link, keys.current(now))}`
    },
  }
}

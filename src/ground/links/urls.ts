import { DAY } from '../durations.ts'
import type { KeyRing } from './key-ring.ts'
import { bindingOf, signToken } from './token.ts'

/** Makes the links of mails and pages. They are built from `publicUrl` only. */
export interface Urls {
  release(item: LinkedItem, digestCreatedAt: number, now: number): ReleaseLink
  ofDigest(digest: LinkedDigest, now: number): DigestLinks
  /** Confirms that a reader's digests shall go elsewhere. */
  destination(request: LinkedDestination, now: number): string
}

export interface DigestLinks {
  /** The whole digest in the browser. */
  readonly digest: string
  readonly preferences: string
  /** For machines alone: no human sees it. Undefined where the configuration wants none. */
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
  /** Of a link, in milliseconds. */
  readonly lifetime: number
  /** How long the quarantine keeps a message, in milliseconds. */
  readonly retention: number
  /** Whether each digest holds a link that no human sees; none does if it is not said. */
  readonly canary?: boolean
}

/** The longest that any link lives, in milliseconds: so long a key is needed after it has signed its last one. */
export const longestLifetime = (lifetime: number): number => Math.max(lifetime, PREFERENCES_LIFETIME)

/** Unsubscribing must work for at least 30 days after the mail was sent (16 CFR 316.5), whatever releases do. */
const PREFERENCES_LIFETIME = 60 * DAY

/** When a link of a digest stops to release: with its own lifetime, or with the quarantine that holds the message. */
export const releasableUntil = (
  { lifetime, retention }: Pick<UrlSettings, 'lifetime' | 'retention'>,
  { mailAt }: Pick<LinkedItem, 'mailAt'>,
  digestCreatedAt: number,
): number => Math.min(digestCreatedAt + lifetime, mailAt + retention)

export function createUrls(settings: UrlSettings, keys: Pick<KeyRing, 'current'>): Urls {
  const { publicUrl, lifetime } = settings
  return {
    release(item, digestCreatedAt, now) {
      const until = releasableUntil(settings, item, digestCreatedAt)
      const binding = bindingOf(item.recipient, item.reader)
      const token = signToken(
        { purpose: 'release', subject: item.itemId, binding, expiresAt: until },
        keys.current(now),
      )
      return { url: `${publicUrl}/release/${token}`, releasableUntil: until }
    },
    ofDigest(digest, now) {
      const key = keys.current(now)
      const same = { subject: digest.digestId, binding: bindingOf(digest.digestId, digest.reader) }
      const whole = digest.createdAt + lifetime
      const preferences = digest.createdAt + longestLifetime(lifetime)
      return {
        digest: `${publicUrl}/digest/${signToken({ ...same, purpose: 'digest', expiresAt: whole }, key)}`,
        canary: settings.canary
          ? `${publicUrl}/more/${signToken({ ...same, purpose: 'canary', expiresAt: whole }, key)}`
          : undefined,
        preferences: `${publicUrl}/preferences/${signToken({ ...same, purpose: 'preferences', expiresAt: preferences }, key)}`,
      }
    },
    destination({ requestId, reader, expiresAt }, now) {
      const binding = bindingOf(requestId, reader)
      const link = { purpose: 'destination', subject: requestId, binding, expiresAt } as const
      return `${publicUrl}/destination/${signToken(link, keys.current(now))}`
    },
  }
}

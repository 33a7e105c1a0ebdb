import { DAY } from '../durations.ts'

/** How long links and sessions last, and how many of them there may be. Times are in milliseconds. */
export interface SignInLimits {
  /** How long a link works. */
  readonly linkLifetime: number
  /** How long a browser counts as a person's own after that person has signed in with it. */
  readonly knownFor: number
  /** How long a session lasts at most. */
  readonly sessionLifetime: number
  /** How long an unused session lasts. */
  readonly idle: number
  /**
   * How many unused links one person may have. Anybody who knows the address may ask for links. So the last ones are
   * reserved for browsers in which this person has signed in before, and strangers cannot lock the person out there.
   */
  readonly unusedLinks: {
    readonly ofBrowser: number
    readonly beforeStrangers: number
    readonly ofAll: number
  }
  /**
   * How many links strangers in one network get, so that one network does not use up what is left for the others. Each
   * further link has to wait, twice as long each time, until somebody there has used a link.
   */
  readonly ofNetwork: {
    readonly atOnce: number
    readonly firstWait: number
    readonly longestWait: number
  }
  /** How many requests for links wait in memory while the mail server or the database is slow. */
  readonly waitingRequests: number
}

/** A link that was mailed to one person. */
export interface MailedLink {
  readonly browserHash: string
  readonly network: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly isUsed: boolean
}

/** How long a link that nobody used is remembered, in milliseconds: networks that ask for such links have to wait. */
export const REMEMBERED = DAY

/** Who asks for another link. */
export interface Asker {
  readonly browserHash: string
  readonly network: string
  /** Whether the person has signed in with this browser before. */
  readonly isKnown: boolean
}

/**
 * Whether somebody may not have another link now.
 *
 * @param links those of the person that were mailed within `REMEMBERED`, in any order
 */
export function isTooMany(
  limits: SignInLimits,
  links: readonly MailedLink[],
  asker: Asker,
  now: number,
): boolean {
  const { ofBrowser, beforeStrangers, ofAll } = limits.unusedLinks
  const open = links.filter(link => !link.isUsed && link.expiresAt > now)
  if (open.length >= ofAll) return true
  if (open.filter(({ browserHash }) => browserHash === asker.browserHash).length >= ofBrowser) return true
  if (asker.isKnown) return false
  return open.length >= beforeStrangers || mayAskAgainAt(limits, links, asker.network) > now
}

/** When strangers in a network may ask for another link, in milliseconds since the epoch. */
function mayAskAgainAt({ ofNetwork }: SignInLimits, links: readonly MailedLink[], network: string): number {
  const theirs = links.filter(link => link.network === network).sort((a, b) => b.createdAt - a.createdAt)
  const lastUsed = theirs.findIndex(link => link.isUsed)
  const unused = lastUsed === -1 ? theirs : theirs.slice(0, lastUsed)
  const [newest] = unused
  if (!newest || unused.length < ofNetwork.atOnce) return 0
  const wait = ofNetwork.firstWait * 2 ** (unused.length - ofNetwork.atOnce)
  return newest.createdAt + Math.min(wait, ofNetwork.longestWait)
}

import { DAY, HOUR, MINUTE } from '../durations.ts'

/** An attempt to sign in with a password that failed, or whose answer has not come yet. */
export interface FailedAttempt {
  readonly at: number
  readonly nameHash: string
  readonly browserHash: string
  readonly network: string
}

/** Who wants to try now. */
export interface Attempter {
  readonly nameHash: string
  readonly browserHash: string
  readonly network: string
  /** Whether somebody has signed in by this name in this browser before. */
  readonly isKnownBrowser: boolean
  /** Whether somebody has signed in by this name from this network before. */
  readonly isKnownNetwork: boolean
}

/** What attempts count towards the limits. */
export interface CountedAttempts {
  /** Failures by this name within `REMEMBERED_FAILURES`, since the last success from the same network or browser. */
  readonly ofName: readonly FailedAttempt[]
  /** How many failures there were from this network within `NETWORK_SPAN`, by any name. */
  readonly ofNetwork: number
  /** How many failures there were within a minute, by anybody. */
  readonly ofAll: number
}

/** How long a failure is remembered, in milliseconds. */
export const REMEMBERED_FAILURES = DAY

/** How long a browser or a network in which somebody has signed in counts as known, in milliseconds. */
export const KNOWN_FOR = 180 * DAY

/** Milliseconds in which one network may use up its share. */
export const NETWORK_SPAN = 15 * MINUTE

/**
 * Whether the server is not asked this time.
 *
 * Anybody can try passwords for anybody's name. So strangers have a share for each name in each network, for each name,
 * for each network, and for all together; and browsers in which the person has signed in before have shares of their own,
 * which strangers cannot use up. The limits for all together also keep the server from banning us, because it sees one
 * address, ours: Dovecot delays its answers to an address with many failures, and fail2ban may ban it.
 */
export function mayNotTry(
  { ofName, ofNetwork, ofAll }: CountedAttempts,
  who: Attempter,
  now: number,
): boolean {
  const isKnown = who.isKnownBrowser || who.isKnownNetwork
  if (ofAll >= (isKnown ? IN_A_MINUTE.ofAll : IN_A_MINUTE.ofStrangers)) return true
  if (who.isKnownBrowser) {
    const own = ofName.filter(({ browserHash }) => browserHash === who.browserHash)
    return own.filter(({ at }) => at > now - NETWORK_SPAN).length >= OF_KNOWN_BROWSER
  }
  const here = ofName.filter(({ network }) => network === who.network)
  if (mayTryAgainAt(here) > now || ofNetwork >= OF_NETWORK) return true
  return !who.isKnownNetwork && ofName.filter(({ at }) => at > now - HOUR).length >= OF_NAME
}

/** When strangers in a network may try a name again, after so many failures. */
function mayTryAgainAt(failures: readonly FailedAttempt[]): number {
  if (failures.length < AT_ONCE) return 0
  const newest = Math.max(...failures.map(({ at }) => at))
  return newest + Math.min(FIRST_WAIT * 2 ** (failures.length - AT_ONCE), LONGEST_WAIT)
}

/** Failures that a stranger has at once, before each further one has to wait, twice as long each time. */
const AT_ONCE = 5
const FIRST_WAIT = MINUTE
const LONGEST_WAIT = HOUR

/** Failures in `NETWORK_SPAN`. */
const OF_KNOWN_BROWSER = 10
const OF_NETWORK = 30

/** Failures in an hour of strangers everywhere. */
const OF_NAME = 20

/** Failures in a minute. */
const IN_A_MINUTE = { ofStrangers: 20, ofAll: 30 }

/** How long links and sessions last, and how many of them there may be. Times are in milliseconds. */
export interface SignInLimits {
  /** How long a link works. */
  readonly linkLifetime: number
  /** How long a browser counts as known to somebody after it has signed in. */
  readonly knownFor: number
  /** How long a session lasts at most. */
  readonly sessionLifetime: number
  /** How long a session lasts that nobody uses. */
  readonly idle: number
  /**
   * How many unused links one person may have. Anybody who knows the address may ask for links. So the last places are
   * kept for browsers in which this person has signed in before: strangers cannot keep anybody out of these.
   */
  readonly unusedLinks: {
    readonly ofBrowser: number
    readonly beforeStrangers: number
    readonly ofAll: number
  }
  /** How many requests for links wait in memory while the mail server or the database is slow. */
  readonly waitingRequests: number
}

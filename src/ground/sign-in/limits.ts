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
  /** How many requests for links wait in memory while the mail server or the database is slow. */
  readonly waitingRequests: number
}

/** The states of a digest, in the order in which admins see them. */
export const DIGEST_STATES = [
  'sent',
  /** It is to be sent, now or at `next_attempt_at`. */
  'pending',
  /** The server refused it permanently, or the program gave up. */
  'failed',
  /**
   * There was nothing left to send: every message in it was released or purged, its reader has paused or was turned
   * off, or it would have said that nothing was held although something was.
   */
  'empty',
  /** An admin decided not to send it any more; its messages stay listed in it. */
  'dropped',
] as const

export type DigestState = (typeof DIGEST_STATES)[number]

/** The states in which amavisd's answer may leave a release, in the order in which admins see them. */
export const RELEASE_RESULTS = [
  'released',
  /** amavisd will be asked again at `next_attempt_at`. */
  'queued',
  'failed',
  /** amavisd was asked and the answer was lost: a copy may have been delivered. */
  'uncertain',
] as const

export type ReleaseResult = (typeof RELEASE_RESULTS)[number]

/** All states of a release. */
export const RELEASE_STATES = [
  ...RELEASE_RESULTS,
  /** amavisd is being asked. */
  'releasing',
] as const

export type ReleaseState = (typeof RELEASE_STATES)[number]

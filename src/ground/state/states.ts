/** What a digest may be; admins see the states in this order. */
export const DIGEST_STATES = [
  'sent',
  /** To be sent, now or at `next_attempt_at`. */
  'pending',
  /** Refused for good, or given up. */
  'failed',
  /**
   * There was nothing to send any more: every message in it was released or purged, its reader has paused or been turned
   * off, or it would have said that nothing was held and something was.
   */
  'empty',
  /** Not to be sent any more, said an admin; its messages stay listed in it. */
  'dropped',
] as const

export type DigestState = (typeof DIGEST_STATES)[number]

/** What amavisd's answer makes of a release; admins see the states in this order. */
export const RELEASE_RESULTS = [
  'released',
  /** amavisd will be asked again at `next_attempt_at`. */
  'queued',
  'failed',
  /** amavisd was asked and the answer was lost: a copy may have been delivered. */
  'uncertain',
] as const

export type ReleaseResult = (typeof RELEASE_RESULTS)[number]

/** What a release may be. */
export const RELEASE_STATES = [
  ...RELEASE_RESULTS,
  /** amavisd is being asked. */
  'releasing',
] as const

export type ReleaseState = (typeof RELEASE_STATES)[number]

import type { ErrorCode } from '../../ground/errors.ts'
import type { ReleaseRow } from '../release/claims.ts'

/** What an admin's retry or drop does with a release, and which of the two the pages offer. */
export interface ReleaseActions {
  readonly retry: ReleaseRetry
  readonly drop: ReleaseDrop
  readonly offers: ReleaseOffers
}

export type ReleaseRetry =
  /** Makes it due now. */
  | 'make-due'
  /** Settles the claim of a dead process, and asks amavisd again unless that has queued the release. */
  | 'settle'
  /** Asks amavisd again now. */
  | 'ask'
  /** Nothing: a live process is asking amavisd. */
  | 'in-hand'
  /** Nothing: the message was released. */
  | 'over'

export type ReleaseDrop =
  /** amavisd is not asked again. */
  | 'drop'
  /** Nothing: a live process is asking amavisd. */
  | 'in-hand'
  /** Nothing: it is not queued. */
  | 'over'

export interface ReleaseOffers {
  readonly retry: boolean
  readonly drop: boolean
}

/**
 * Decides what may be done with a release. Two retries are carried out on request but not offered: that of a message
 * that was gone, because it fails again unless somebody has restored the message, and that of a dead process's claim,
 * because the service settles such claims itself.
 */
export function releaseActions(
  release: Pick<ReleaseRow, 'state' | 'code' | 'leaseUntil'>,
  now: number,
): ReleaseActions {
  const retry = retryOf(release, now)
  const drop = dropOf(release, now)
  const wasGone = release.state === 'failed' && release.code === ('MESSAGE_GONE' satisfies ErrorCode)
  return {
    retry,
    drop,
    offers: { retry: (retry === 'make-due' || retry === 'ask') && !wasGone, drop: drop === 'drop' },
  }
}

function retryOf({ state, leaseUntil }: Pick<ReleaseRow, 'state' | 'leaseUntil'>, now: number): ReleaseRetry {
  switch (state) {
    case 'released':
      return 'over'
    case 'queued':
      return 'make-due'
    case 'releasing':
      return leaseUntil > now ? 'in-hand' : 'settle'
    case 'failed':
    case 'uncertain':
      return 'ask'
  }
}

function dropOf({ state, leaseUntil }: Pick<ReleaseRow, 'state' | 'leaseUntil'>, now: number): ReleaseDrop {
  if (state === 'releasing' && leaseUntil > now) return 'in-hand'
  return state === 'queued' ? 'drop' : 'over'
}

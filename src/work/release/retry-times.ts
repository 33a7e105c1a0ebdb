import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { ErrorCode } from '../../ground/errors.ts'
import { backOff } from '../../ground/retry/back-off.ts'

/** An attempt to release a message, with its outcome. */
export interface Attempt {
  readonly state: 'released' | 'queued' | 'failed' | 'uncertain'
  readonly code: ErrorCode | null
  /** How often amavisd has been asked, this attempt included. */
  readonly attempts: number
}

/**
 * When a release needs attention again, in milliseconds since the epoch: amavisd is asked again for a queued one, after
 * a wait that doubles each time. For a released one it is when `msgrcpt.rs` is set, if that has not been done by then.
 *
 * @param random for jitter: from 0 to just below 1
 * @returns null when nothing is left to do
 */
export function nextAttemptAt(
  { state, code, attempts }: Attempt,
  now: number,
  random: () => number,
): number | null {
  switch (state) {
    case 'queued':
      return now + backOff(attempts, FIRST_RETRY, longestRetry(code), random)
    case 'released':
      return now + MARK_AFTER
    case 'failed':
    case 'uncertain':
      return null
  }
}

/**
 * After a 4xx the wait grows to a quarter of an hour. An amavisd that is away costs no more than a connection, so it is
 * asked at least once a minute: what waits for it goes out soon after its return.
 */
const longestRetry = (code: ErrorCode | null): number =>
  code === 'AMAVISD_UNREACHABLE' ? LONGEST_WHILE_AWAY : LONGEST_RETRY

const FIRST_RETRY = 5 * SECOND
const LONGEST_WHILE_AWAY = MINUTE
const LONGEST_RETRY = 15 * MINUTE

/** `msgrcpt.rs` is set right after a release. If the process dies before that, another one does it this much later. */
const MARK_AFTER = 30 * SECOND

/** How long setting `msgrcpt.rs` is left to the process that tries it. */
export const MARK_AGAIN_AFTER = 5 * MINUTE

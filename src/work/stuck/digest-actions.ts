import type { DigestState } from '../../ground/state/states.ts'

/** What an admin's retry or drop does with a digest, and what the pages offer. */
export interface DigestActions {
  readonly retry: DigestRetry
  readonly drop: DigestDrop
  readonly offers: DigestOffers
}

export type DigestRetry =
  /** Makes it due now, unless a process has leased it. */
  | 'make-due'
  /** Sends its messages in a new digest: they wait for the reader's next one. */
  | 'send-anew'
  /** Sends the copy itself once more: its messages are the digest's. */
  | 'send-copy-anew'
  /** Nothing: it has ended. */
  | 'over'

export type DigestDrop =
  /** It is not sent any more, unless a process has leased it. */
  | 'drop'
  /** Nothing: it has ended. */
  | 'over'

export interface DigestOffers {
  /** Send it once more. It is refused after all when its links have expired. */
  readonly resend: boolean
  /** Try again now. */
  readonly retry: boolean
  /** Give it up. */
  readonly drop: boolean
}

/** Decides what may be done with a digest, or with a copy of one, in this state. */
export function digestActions(state: DigestState, isCopy: boolean): DigestActions {
  const retry = retryOf(state, isCopy)
  const drop = state === 'pending' ? 'drop' : 'over'
  return {
    retry,
    drop,
    offers: { resend: state === 'sent', retry: retry !== 'over', drop: drop !== 'over' },
  }
}

function retryOf(state: DigestState, isCopy: boolean): DigestRetry {
  switch (state) {
    case 'pending':
      return 'make-due'
    case 'failed':
      return isCopy ? 'send-copy-anew' : 'send-anew'
    case 'sent':
    case 'empty':
    case 'dropped':
      return 'over'
  }
}

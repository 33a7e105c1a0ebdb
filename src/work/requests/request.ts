import type { ContentKind } from '../../ground/amavis/content.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import type { ReleaseOutcome } from '../release/release-message.ts'

/**
 * `waiting`: nobody has decided. `approved`, `refused`: an admin has. `expired`: nobody did in time. `released`: it was
 * released otherwise. `gone`: it was deleted, or the quarantine no longer has it.
 */
export const REQUEST_STATES = ['waiting', 'approved', 'refused', 'expired', 'released', 'gone'] as const

export type RequestState = (typeof REQUEST_STATES)[number]

/** A held message for one recipient that one or several of its readers have asked for. */
export interface ReleaseRequested {
  readonly id: string
  readonly ref: HeldRef
  /** The id under which it is released once. */
  readonly heldId: string
  readonly recipient: string
  /** The recipient's, in the form of `domainName`: whose admins decide. Empty for what is no address. */
  readonly domain: string
  readonly kind: ContentKind
  /** When the message came, in milliseconds since the epoch, as are all times. */
  readonly receivedAt: number
  readonly state: RequestState
  /** Who asked, in the order in which they did. Empty: another program has set `rs` to p. */
  readonly readers: readonly string[]
  readonly askedAt: number
  readonly expiresAt: number
  /** The first of two admins who have to approve; undefined: one is enough, or nobody has yet. */
  readonly first: Decider | undefined
  /** Undefined: nobody has decided. */
  readonly decided: Decider | undefined
  /** What the admin says to the readers; untrusted text of at most `LONGEST_NOTE` characters. */
  readonly note: string | undefined
}

export interface Decider {
  /** As the audit names them. */
  readonly by: string
  readonly at: number
}

/** Characters. A longer note is refused: nobody reads it on a phone. */
export const LONGEST_NOTE = 1000

/** What became of an admin's decision. */
export interface DecisionOutcome {
  readonly request: ReleaseRequested
  /** `first`: a second admin has to approve too. */
  readonly decision: 'approved' | 'refused' | 'first'
  /** What amavisd answered to an approval. */
  readonly release: ReleaseOutcome | undefined
}

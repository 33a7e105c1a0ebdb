import type { ErrorCode } from '../../../ground/errors.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import type { ReleaseDeps } from '../../../work/release/release-message.ts'

export interface ByHandDeps extends ReleaseDeps {
  /** Makes and sends a new digest of what waits for this reader. */
  readonly sendNow: (reader: string) => Promise<{ readonly digests: number; readonly sent: number }>
}

/** A digest or a release that an admin tries again or gives up. */
export interface Target {
  readonly kind: 'digest' | 'release'
  readonly id: string
  /** Undefined when that is not kept any more. */
  readonly reader: string | undefined
  /** The reader of the digest, or the recipient of the message, if it is still known. */
  readonly whose: string | null
  /** @param deps with a transaction for its database: what is changed in it is there together with its audit */
  retry(deps: ByHandDeps, asking: Asking): Promise<Step>
  /** @param deps with a transaction for its database */
  drop(deps: ByHandDeps): Promise<Step>
}

export interface Asking {
  readonly by: Editor
  /** False: a release of which a copy may have come already is not asked for; it fails as RELEASE_UNCERTAIN. */
  readonly again?: boolean
}

export type Step =
  | Result
  /** More is to be done, with others than the database: not within a transaction. */
  | ((deps: ByHandDeps) => Promise<Result>)

export interface Result {
  readonly did: Did
  /** Of a release that failed. */
  readonly code?: ErrorCode | null
}

export type Did =
  /** It will be tried again now. */
  | 'due'
  /** A living process has it in hand: not touched. */
  | 'in-hand'
  /** It is over: nothing is left to do. */
  | 'over'
  /** A new digest with its messages was sent. */
  | 'sent-anew'
  /** A new digest with its messages was made, and could not be sent yet. */
  | 'made-anew'
  /** None of its messages waits any more, or its reader gets no digests now. */
  | 'nothing-waits'
  | 'released'
  /** amavisd was asked, a second time perhaps for a copy that had come. */
  | 'released-again'
  | 'queued'
  | 'failed'
  | 'dropped'

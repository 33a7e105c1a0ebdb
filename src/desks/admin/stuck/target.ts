import type { ErrorCode } from '../../../ground/errors.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import type { ReleaseDeps } from '../../../work/release/release-message.ts'

export interface ByHandDeps extends ReleaseDeps {
  /** Makes and sends a new digest of what waits for this reader. */
  readonly sendNow: (reader: string) => Promise<{ readonly digests: number; readonly sent: number }>
}

/** A digest or a release that an admin retries or gives up. */
export interface Target {
  readonly kind: 'digest' | 'release'
  readonly id: string
  /** The item by which a release was asked for. */
  readonly itemId?: string
  /** The reader of the digest, or who asked for the release. Undefined when the reader is no longer known. */
  readonly reader: string | undefined
  /** The readers to whom it matters: those of the digest or of the message. */
  readonly readers: readonly string[]
  /** The reader of the digest, or the recipient of the message, if it is still known. */
  readonly whose: string | null
  /** @param deps with a transaction for its database, in which the audit line is written, too */
  retry(deps: ByHandDeps, request: RetryRequest): Promise<Step>
  /** @param deps with a transaction for its database */
  drop(deps: ByHandDeps): Promise<Step>
}

export interface RetryRequest {
  readonly by: Editor
  /** False: a release of which a copy may already have come fails as RELEASE_UNCERTAIN, and amavisd is not asked. */
  readonly again?: boolean
}

export type Step =
  | Result
  /** The rest of the work, which does not belong in a transaction because it calls other systems than the database. */
  | ((deps: ByHandDeps) => Promise<Result>)

export interface Result {
  readonly did: Did
  /** Why a release failed. */
  readonly code?: ErrorCode | null
}

export type Did =
  /** It is due now. */
  | 'due'
  /** A living process is working on it, so it was left alone. */
  | 'in-hand'
  /** It has ended already: there is nothing left to do. */
  | 'over'
  /** A new digest with its messages was sent. */
  | 'sent-anew'
  /** A new digest with its messages was made, but could not be sent yet. */
  | 'made-anew'
  /** None of its messages waits any longer, or its reader gets no digests at present. */
  | 'nothing-waits'
  | 'released'
  /** amavisd was asked again, and released it. The first attempt may already have delivered a copy. */
  | 'released-again'
  | 'queued'
  | 'failed'
  | 'dropped'

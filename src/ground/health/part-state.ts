import type { ErrorCode } from '../errors.ts'

/** Codes alone: whoever may look at /readyz is told nothing about hosts and users. The log has the sentences. */
export interface PartState {
  readonly part: string
  /** Undefined: it can be used. */
  readonly code: ErrorCode | undefined
}

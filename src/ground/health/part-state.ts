import type { ErrorCode } from '../errors.ts'

/** The state of a part, as a code only: /readyz is to reveal nothing about hosts and users. The log has the details. */
export interface PartState {
  readonly part: string
  /** Undefined when the part can be used. */
  readonly code: ErrorCode | undefined
}

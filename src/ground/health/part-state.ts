import type { ErrorCode } from '../errors.ts'

/**
 * The state of a part, as a code only: /readyz is to reveal nothing about addresses and users. The log has the details.
 */
export interface PartState {
  readonly part: string
  /** Which one it is, if there are several of its kind: the `$myhostname` of an amavisd. */
  readonly host?: string | undefined
  /** Undefined when the part can be used. */
  readonly code: ErrorCode | undefined
}

/** The name of a part for people: `amavisd mx2.example.com`. */
export const nameOfPart = ({ part, host }: Pick<PartState, 'part' | 'host'>): string =>
  host === undefined ? part : `${part} ${host}`

import { domainName, readerAddress } from '../../../ground/directory/reader-address.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Reach, requireReach } from '../../../rules/reach/reach.ts'

/** Whose rows are asked for: those of one reader, or of all that a reach covers. */
export interface Whose {
  readonly reader: string | undefined
  readonly reach: Reach
  /** Whether all rows of a time must be looked at to find some. */
  readonly searches: boolean
}

/**
 * Understands an address or `@domain`, written in whatever way.
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export function whoseRows(reach: Reach, reader: string | undefined): Whose {
  if (reader === undefined) return { reader: undefined, reach, searches: reach !== undefined }
  const domain = reader.startsWith('@') ? domainName(reader) : undefined
  const scope = domain === undefined ? readerAddress(reader) : `@${domain}`
  if (scope === undefined) {
    throw new CodedError('REQUEST_INVALID', 'Expected an address or @domain, as in alice@example.com.')
  }
  requireReach(reach, scope)
  return domain === undefined
    ? { reader: scope, reach, searches: false }
    : { reader: undefined, reach: [domain], searches: true }
}

/** How far back is looked where nothing else bounds the search: 30 days, in milliseconds. */
export const LOOK_BACK = 30 * DAY

/** The oldest row that is looked at; undefined: there is an index that leads to each of them. */
export const oldestOf = (whose: Whose, since: number | undefined, now: number): number | undefined =>
  since ?? (whose.searches ? now - LOOK_BACK : undefined)

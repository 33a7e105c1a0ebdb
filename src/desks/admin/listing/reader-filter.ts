import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { domainName, readerAddress } from '../../../ground/directory/reader-address.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Reach, requireReach } from '../../../rules/reach/reach.ts'

/** Whose rows a list shows: those of one reader, or of all readers within a reach. */
export interface ReaderFilter {
  readonly reader: string | undefined
  readonly reach: Reach
  /** True when no index leads to the rows, so that all rows of a period have to be read. */
  readonly needsScan: boolean
}

/**
 * @param reader an address or `@domain`, in any spelling; undefined: all readers within the reach
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export function readerFilter(reach: Reach, reader: string | undefined): ReaderFilter {
  if (reader === undefined) return { reader: undefined, reach, needsScan: reach !== undefined }
  const domain = reader.startsWith('@') ? domainName(reader) : undefined
  const scope = domain === undefined ? readerAddress(reader) : `@${domain}`
  if (scope === undefined) {
    throw new CodedError('REQUEST_INVALID', 'Expected an address or @domain, as in alice@example.com.')
  }
  requireReach(reach, scope)
  return domain === undefined
    ? { reader: scope, reach, needsScan: false }
    : { reader: undefined, reach: [domain], needsScan: true }
}

/** True when a column holds the address of a reader whose rows are shown. */
export const matchesReader = (
  { reader, reach }: ReaderFilter,
  column: Expression<string | null>,
): RawBuilder<SqlBool> => (reader === undefined ? withinDomains(column, reach) : sql`${column} = ${reader}`)

/** How far back a scan goes when no start is given: 30 days, in milliseconds. */
export const LOOK_BACK = 30 * DAY

/** The time from which rows are read; undefined: no limit is needed, since an index leads to the rows. */
export const oldestRead = (
  { needsScan }: ReaderFilter,
  since: number | undefined,
  now: number,
): number | undefined => since ?? (needsScan ? now - LOOK_BACK : undefined)

import type { Page } from '../../../ground/database/walk-by-key.ts'
import { CodedError } from '../../../ground/errors.ts'

export interface PageRequest {
  /** `next` of the page before. */
  readonly after?: string | undefined
  /** At most 100. */
  readonly limit: number
}

/** Where a list that begins with the newest has come to. */
export interface Moment {
  readonly at: number
  readonly id: string
}

export const boundedLimit = (limit: number): number => Math.max(1, Math.min(MOST_ROWS, Math.trunc(limit)))

const MOST_ROWS = 100

/** @throws CodedError REQUEST_INVALID */
export function momentOf(after: string | undefined): Moment | undefined {
  if (after === undefined) return undefined
  const [, at, id] = /^(\d{1,15})\.([0-9A-Za-z_-]{1,40})$/.exec(after) ?? []
  if (at === undefined || id === undefined) throw unknownCursor()
  return { at: Number(at), id }
}

/**
 * One row more than wanted was read, to know whether there is more.
 * @param momentAt of a row
 */
export function pageByTime<Row>(
  rows: readonly Row[],
  limit: number,
  momentAt: (row: Row) => Moment,
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  if (rows.length <= limit || last === undefined) return { rows: shown, next: undefined }
  const { at, id } = momentAt(last)
  return { rows: shown, next: `${at}.${id}` }
}

export const unknownCursor = (): CodedError =>
  new CodedError('REQUEST_INVALID', 'This place in the list is unknown: begin the list again.')

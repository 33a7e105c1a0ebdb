import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { CodedError } from '../../../ground/errors.ts'

export interface PageRequest {
  /** `next` of the previous page. */
  readonly after?: string | undefined
  /** At most 100. */
  readonly limit: number
}

/** A position in a list that starts with the newest row. */
export interface ListPosition {
  readonly at: number
  readonly id: string
}

export const boundedLimit = (limit: number): number => Math.max(1, Math.min(MAX_ROWS, Math.trunc(limit)))

const MAX_ROWS = 100

/** @throws CodedError REQUEST_INVALID */
export function positionOf(after: string | undefined): ListPosition | undefined {
  if (after === undefined) return undefined
  const [, at, id] = /^(\d{1,15})\.([0-9A-Za-z_-]{1,40})$/.exec(after) ?? []
  if (at === undefined || id === undefined) throw unknownCursor()
  return { at: Number(at), id }
}

/**
 * True for a row that follows a position in a list that starts with the newest row. Rows of the same time are ordered
 * by their ids.
 */
export function isAfterPosition(
  position: ListPosition | undefined,
  at: Expression<number>,
  id: Expression<string>,
): RawBuilder<SqlBool> {
  if (position === undefined) return sql`1 = 1`
  return sql`(${at} <= ${position.at} and (${at} < ${position.at} or ${id} < ${position.id}))`
}

/**
 * Makes a page of rows.
 *
 * @param rows one more than `limit`, if there are more: the extra row tells that another page follows
 * @param positionAt returns the position of a row
 */
export function pageByTime<Row>(
  rows: readonly Row[],
  limit: number,
  positionAt: (row: Row) => ListPosition,
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  if (rows.length <= limit || last === undefined) return { rows: shown, next: undefined }
  const { at, id } = positionAt(last)
  return { rows: shown, next: `${at}.${id}` }
}

export const unknownCursor = (): CodedError =>
  new CodedError('REQUEST_INVALID', 'This position in the list is unknown: start again from the beginning.')

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { CodedError } from '../../../ground/errors.ts'
import type { SearchWindow } from '../../../rules/search/search-window.ts'
import type { HeldListRequest } from '../held-list.ts'
import type { Position } from './position.ts'

/** Where the next page of a list begins. */
export interface Cursor {
  readonly window: SearchWindow
  readonly position: Position
  /** For an order other than by date: what the list is ordered by, of the last line. */
  readonly value?: string | number | null | undefined
  /** For such an order: where the messages begin that are put in order; undefined: with the newest. */
  readonly start?: Position | undefined
  /** And the last second of them. */
  readonly least?: number | undefined
  /** Up to where mail that was found by its envelope sender is on earlier pages. */
  readonly senders?: Position | undefined
}

/** A cursor as pages hand it on: bound to the search and the order for which it was made. */
export function cursorText(
  request: HeldListRequest,
  { window, position, value, start, least, senders }: Cursor,
): string {
  const places = [position, senders, start].map(place => (place ? placeOf(place) : null))
  const content = [bindingOf(request), window.from, window.to, ...places, value ?? null, least ?? null]
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

const placeOf = ({ timeNum, within }: Position) =>
  within ? [timeNum, within.partitionTag, within.mailId, within.rseqnum] : [timeNum]

/** @throws CodedError REQUEST_INVALID for a text that is no cursor of this search and order */
export function parseCursor(request: HeldListRequest): Cursor | undefined {
  if (request.after === undefined) return undefined
  const cursor = read(request.after)
  if (cursor?.[0] !== bindingOf(request))
    throw new CodedError(
      'REQUEST_INVALID',
      'This position in the list is unknown: start again from the beginning.',
    )
  const [, from, to, place, senders, start, value, least] = cursor
  return {
    window: { from, to },
    position: positionOf(place),
    senders: senders ? positionOf(senders) : undefined,
    start: start ? positionOf(start) : undefined,
    value,
    least: least ?? undefined,
  }
}

function positionOf([timeNum, partitionTag, mailId, rseqnum]: z.infer<typeof PLACE>): Position {
  if (partitionTag === undefined || mailId === undefined || rseqnum === undefined) return { timeNum }
  return { timeNum, within: { partitionTag, mailId, rseqnum } }
}

function read(text: string): z.infer<typeof CURSOR> | undefined {
  if (text.length > LONGEST) return undefined
  try {
    return CURSOR.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** Characters. A subject has 255. */
const LONGEST = 3000

const WHOLE = z.number().int()

const PLACE = z.union([z.tuple([WHOLE]), z.tuple([WHOLE, WHOLE, z.string().max(64), WHOLE])])

const CURSOR = z.tuple([
  z.string(),
  z.number(),
  z.number(),
  PLACE,
  z.union([PLACE, z.null()]),
  z.union([PLACE, z.null()]),
  z.union([z.string(), z.number(), z.null()]),
  z.union([WHOLE, z.null()]),
])

/** Without the times: the window is in the cursor, and `after:7d` is another time with each request. */
function bindingOf({ search, order, direction }: HeldListRequest): string {
  const bound = [{ ...search, after: undefined, before: undefined }, order, direction]
  return createHash('sha256').update(JSON.stringify(bound)).digest('base64url').slice(0, 12)
}

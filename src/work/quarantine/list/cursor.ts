import { createHash } from 'node:crypto'
import { z } from 'zod'
import { SECOND } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { LATEST, type SearchWindow } from '../../../rules/search/search-window.ts'
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
  if (cursor?.[0] !== bindingOf(request) || !isWithinItsWindow(cursor))
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

/** A cursor is no secret, and anybody may write one: it leads to no other time than that of its window. */
function isWithinItsWindow([, from, to, place, senders, start, , least]: z.infer<typeof CURSOR>): boolean {
  const times = [place[0], senders?.[0], start?.[0], least].filter(
    time => time !== null && time !== undefined,
  )
  // The place after the first second of a window is the second before it.
  const [first, last] = [Math.ceil(from / SECOND) - 1, Math.ceil(to / SECOND)]
  return times.every(time => time >= first && time <= last)
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

/** As columns of amavis can hold them: a database refuses to compare them with more. */
const NUMBER = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1)

const TIME = z.number().min(0).max(LATEST)

const PLACE = z.union([z.tuple([NUMBER]), z.tuple([NUMBER, NUMBER, z.string().max(64), NUMBER])])

const CURSOR = z.tuple([
  z.string(),
  TIME,
  TIME,
  PLACE,
  z.union([PLACE, z.null()]),
  z.union([PLACE, z.null()]),
  z.union([z.string(), z.number(), z.null()]),
  z.union([NUMBER, z.null()]),
])

/** Without the times: the window is in the cursor, and `after:7d` is another time with each request. */
function bindingOf({ search, order, direction }: HeldListRequest): string {
  const bound = [{ ...search, after: undefined, before: undefined }, order, direction]
  return createHash('sha256').update(JSON.stringify(bound)).digest('base64url').slice(0, 12)
}

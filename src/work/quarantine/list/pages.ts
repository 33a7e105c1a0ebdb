import { SECOND } from '../../../ground/durations.ts'
import type { HeldListRequest } from '../held-list.ts'
import type { Candidate } from './candidates.ts'
import type { Cursor } from './cursor.ts'
import type { Gathered, Line } from './gather.ts'
import { compareLines, isAfterLine, orderValue } from './orders.ts'
import type { Position } from './position.ts'

/** A page before it is made ready to be shown. */
export interface PageOfLines {
  readonly lines: readonly Line[]
  readonly next: Omit<Cursor, 'window'> | undefined
  readonly lookedBackTo: number | undefined
  readonly isCut: boolean
}

/** A page of a list that begins with the newest. */
export function pageByDate({ lines, stoppedAt }: Gathered, limit: number): PageOfLines {
  const shown = lines.slice(0, limit)
  const last = shown.at(-1)?.at(-1)
  if (lines.length > limit && last)
    return { lines: shown, next: { position: after(last) }, lookedBackTo: undefined, isCut: false }
  return {
    lines: shown,
    next: stoppedAt && { position: stoppedAt },
    lookedBackTo: stoppedAt && (stoppedAt.timeNum + 1) * SECOND,
    isCut: false,
  }
}

/** The position of a message for one recipient. */
const after = ({ timeNum, partitionTag, mailId, rseqnum }: Candidate): Position => ({
  timeNum,
  within: { partitionTag, mailId, rseqnum },
})

/** For an order other than by date, so many of the newest messages are put in order. */
export const MOST_IN_ORDER = 2000

/**
 * A page of a list in another order: of the newest messages, sorted anew for each page. After the last of these pages
 * come the next newest, sorted by themselves.
 */
export function pageInOrder(
  request: HeldListRequest,
  cursor: Cursor | undefined,
  { lines, stoppedAt }: Gathered,
  limit: number,
): PageOfLines {
  const newest = lines.slice(0, MOST_IN_ORDER)
  const following = [...newest].sort(compareLines(request)).filter(line => isAfterLine(request, cursor, line))
  const shown = following.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = following.length > limit
  const isFull = lines.length > MOST_IN_ORDER
  // A later page that comes less far than the first one did begins the next newest earlier: some are listed twice, none left out.
  const least = stoppedAt ? stoppedAt.timeNum + 1 : cursor?.least
  const isCut = isFull || least !== undefined
  if (hasMore && last?.[0]) {
    const next = {
      position: after(last[0]),
      value: orderValue(request.order, last),
      start: cursor?.start,
      least,
    }
    return { lines: shown, next, lookedBackTo: undefined, isCut }
  }
  const oldest = isFull ? newest.at(-1)?.at(-1) : undefined
  const older = oldest ? after(oldest) : least === undefined ? undefined : { timeNum: least - 1 }
  return {
    lines: shown,
    next: older && { position: older, start: older },
    lookedBackTo: !isFull && least !== undefined ? least * SECOND : undefined,
    isCut,
  }
}

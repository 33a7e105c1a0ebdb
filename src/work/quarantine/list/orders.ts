import { KINDS } from '../../../ground/amavis/content.ts'
import { folded } from '../../../rules/search/folded.ts'
import type { Order } from '../../../rules/search/search.ts'
import type { HeldListRequest } from '../held-list.ts'
import type { Candidate } from './candidates.ts'
import type { Cursor } from './cursor.ts'
import type { Line } from './gather.ts'
import { compareNewest, type Place } from './position.ts'

type Value = string | number

/** What a line is ordered by: of a message to several recipients, what the first one has. */
export const orderValue = (order: Order, [first]: Line): Value => (first ? VALUES[order](first) : 0)

const VALUES: Readonly<Record<Order, (candidate: Candidate) => Value>> = {
  date: ({ timeNum }) => timeNum,
  // What has no score comes before what has one.
  score: ({ score }) => score ?? LOWEST,
  sender: ({ from, sender }) => comparable(from || sender),
  subject: ({ subject }) => comparable(subject),
  size: ({ size }) => size,
  type: ({ kind }) => KINDS.indexOf(kind),
}

const LOWEST = -100_000

/** Quotes around a name say nothing. A cursor holds the text, so it is short. */
const comparable = (text: string): string =>
  folded(text)
    .replace(/^["'\s]+/, '')
    .slice(0, 80)

/** Of equal lines, the newest comes first. */
export const compareLines =
  ({ order, direction }: Pick<HeldListRequest, 'order' | 'direction'>) =>
  (a: Line, b: Line): number =>
    compareValues(direction, orderValue(order, a), orderValue(order, b)) || compareFirst(a, b)

/** Whether a line follows the one at which the page before has ended. */
export function isAfterLine(
  { order, direction }: Pick<HeldListRequest, 'order' | 'direction'>,
  cursor: Cursor | undefined,
  line: Line,
): boolean {
  const { value, position } = cursor ?? {}
  const [first] = line
  if (value === undefined || value === null || !position?.within || !first) return true
  const last: Place = { ...position.within, timeNum: position.timeNum }
  return (compareValues(direction, value, orderValue(order, line)) || compareNewest(last, first)) < 0
}

function compareValues(direction: HeldListRequest['direction'], a: Value, b: Value): number {
  const ascending = a === b ? 0 : a < b ? -1 : 1
  return direction === 'ascending' ? ascending : -ascending
}

const compareFirst = ([a]: Line, [b]: Line): number => (a && b ? compareNewest(a, b) : 0)

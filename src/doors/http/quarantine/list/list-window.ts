import { DAY } from '../../../../ground/durations.ts'
import type { HeldList } from '../../../../work/quarantine/held-list.ts'
import type { Writer } from '../../web/writer.ts'
import type { ListPlace } from './list-place.ts'
import { type ReadQuery, since } from './search-query.ts'

interface LookedThrough {
  readonly found: HeldList | undefined
  readonly read: ReadQuery
  /** The URL of the list with another search. */
  readonly at: (changes: Partial<ListPlace>) => string
}

/** Which time was looked through, and the links that widen it. */
export function windowModel({ found, read, at }: LookedThrough, writer: Writer): object {
  const { words, time, place } = writer
  if (!found || !read.search) return NO_WINDOW
  const { from, to } = found.window
  const isAll = from < FIRST_DAYS
  const hasEnd = read.search.before !== undefined
  const key = hasEnd ? 'windowBetween' : isAll ? 'windowAll' : 'window'
  const { search } = read
  const wider = (start: number) => at({ q: since(search, start, place.timeZone) })
  return {
    window: words.say(`quarantine.list.${key}`, { from: time(from, 'date'), to: time(to - 1, 'date') }),
    widenDays: DAYS_MORE,
    widenUrl: isAll ? undefined : wider(from - DAYS_MORE * DAY),
    everythingUrl: isAll ? undefined : wider(0),
  }
}

const DAYS_MORE = 30

/** A search through everything begins on the first day that computers know. */
const FIRST_DAYS = 3 * DAY

const NO_WINDOW = {
  window: undefined,
  widenDays: DAYS_MORE,
  widenUrl: undefined,
  everythingUrl: undefined,
}

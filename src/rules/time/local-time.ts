/**
 * What the clocks of a time zone show, and when they show it. A local time is written as the UTC time of the same
 * digits, in milliseconds: 02:30 in Paris is 02:30Z.
 */

import { memo } from '../../ground/concurrency/memo.ts'
import { DAY, HOUR, SECOND } from '../../ground/durations.ts'

/** When this zone's clocks show a local time. */
export interface Shown {
  /** None (the clocks jumped over it), one, or two (they were put back), earliest first. */
  readonly instants: readonly number[]
  /** If there is no instant: the first moment after the jump. */
  readonly afterGap: number | undefined
}

/** When a local time is shown. Clocks change at most once within the day around it. */
export function whenShown(local: number, timeZone: string): Shown {
  const [start, end] = [local - LONGEST_DAY, local + LONGEST_DAY]
  const before = offsetAt(start, timeZone)
  const after = offsetAt(end, timeZone)
  const instants = [...new Set([before, after])]
    .map(offset => local - offset)
    .filter(instant => instant + offsetAt(instant, timeZone) === local)
    .sort((a, b) => a - b)
  if (instants.length > 0) return { instants, afterGap: undefined }
  return { instants, afterGap: changeBetween(start, end, timeZone) }
}

/** The first moment at which the clocks show a local time, or the first moment after it if they skip it. */
export function firstShown(local: number, timeZone: string): number {
  const { instants, afterGap } = whenShown(local, timeZone)
  return instants[0] ?? afterGap ?? local
}

/** The start of the day in which a moment lies. If the clocks skip midnight, the day starts at the change. */
export const startOfDay = (instant: number, timeZone: string): number =>
  firstShown(midnightBefore(instant, timeZone), timeZone)

/** Midnight of the day in which a moment lies, as a local time. */
export const midnightBefore = (instant: number, timeZone: string): number =>
  Math.floor((instant + offsetAt(instant, timeZone)) / DAY) * DAY

/** The difference between what this zone's clocks show and UTC, in milliseconds. @throws RangeError unknown zone */
export function offsetAt(instant: number, timeZone: string): number {
  const second = Math.floor(instant / SECOND) * SECOND
  const shown = formatOf(timeZone).format(second)
  const found = SHOWN.exec(shown)
  if (!found) throw new TypeError(`this Node writes times in another form: ${shown}`)
  const [, year = 0, month = 1, day = 1, hour = 0, minute = 0, seconds = 0] = found.map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
}

/** "2026-03-05, 14:05:00". To read the text takes a third of the time that its parts would take. */
const SHOWN = /^(-?\d+)-(\d+)-(\d+), (\d+):(\d+):(\d+)$/

/**
 * Milliseconds from the first clock in the world that shows a local time to the last one: no two offsets differ by
 * more. Looking this far to either side shows both sides of any change, even of the day that Samoa once skipped.
 */
export const LONGEST_DAY = 26 * HOUR

/** The first moment with the later offset, to the second. */
export function changeBetween(start: number, end: number, timeZone: string): number {
  const before = offsetAt(start, timeZone)
  let [low, high] = [start, end]
  while (high - low > SECOND) {
    const middle = Math.floor((low + high) / (2 * SECOND)) * SECOND
    if (offsetAt(middle, timeZone) === before) low = middle
    else high = middle
  }
  return Math.ceil(high / SECOND) * SECOND
}

/** Creating a formatter costs a thousand times as much as using one. */
const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  formats(timeZone, () => new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', { ...TO_THE_SECOND, timeZone }))

/** There are some 600 time zones, and each can be written in many ways. */
const formats = memo<Intl.DateTimeFormat>(2000)

const TO_THE_SECOND = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const

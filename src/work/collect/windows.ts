import { HOUR, SECOND } from '../../ground/durations.ts'

/**
 * A span of `msgs.time_num`, in seconds. The newest window has no end, because amavisd's clock may be ahead of ours.
 */
export interface Window {
  readonly from: number
  readonly to: number | undefined
}

/**
 * Cuts a span of time (milliseconds) into windows of at most an hour: with a small buffer pool, MariaDB needs 1.4 s
 * for an hour of 180,000 held messages a day, and 32 s for the whole day.
 */
export function* windowsOf(from: number, until: number): Generator<Window> {
  const last = Math.floor(until / SECOND)
  let start = Math.max(0, Math.floor(from / SECOND))
  for (; start + LONGEST < last; start += LONGEST) yield { from: start, to: start + LONGEST }
  yield { from: start, to: undefined }
}

/**
 * The windows of what is new since `last`, and of what has meanwhile become a sixteenth, a quarter and all of the
 * overlap old. A message that amavisd finishes late is found when it is about four times as old as it was then, and at
 * the latest when it is as old as the overlap. So each message is looked at four times. If all of the overlap were read
 * each minute, it would be sixteen times: a seventh of a processor at a thousand held messages a second.
 *
 * All times are in milliseconds.
 */
export function* windowsAgain(last: number, now: number, overlap: number): Generator<Window> {
  for (const { from, until } of united(AGES.map(age => spanAt(last, now, age * overlap)))) {
    const isNewest = until === now
    for (const window of windowsOf(from, until))
      yield isNewest ? window : { ...window, to: window.to ?? Math.floor(until / SECOND) }
  }
}

/** In overlaps, the oldest first. */
const AGES = [1, 1 / 4, 1 / 16, 0] as const

interface Span {
  readonly from: number
  readonly until: number
}

/** What has become so old between two moments. */
const spanAt = (last: number, now: number, age: number): Span => ({ from: last - age, until: now - age })

/** Unites spans that touch. @param spans in order */
function united(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans) {
    const before = all.at(-1)
    if (before && before.until >= span.from) all[all.length - 1] = { from: before.from, until: span.until }
    else all.push(span)
  }
  return all
}

/** The window of messages without a time, which are in no other window. */
export const TIMELESS: Window = { from: 0, to: 1 }

/** In seconds, as `msgs.time_num` is. */
const LONGEST = HOUR / SECOND

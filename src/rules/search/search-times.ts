import { DAY, parseDuration } from '../../ground/durations.ts'
import { firstShown, midnightBefore } from '../time/local-time.ts'
import { SearchMistake } from './search-mistake.ts'

/** What a text of a search depends on. */
export interface SearchContext {
  /** Milliseconds since the epoch: what `7d` counts back from. */
  readonly now: number
  /** In which the days of `after:` and `before:` begin. */
  readonly timeZone: string
}

/**
 * Reads the time after `after:` or `before:`: a day (`2026-03-11`) or a moment (`2026-03-11T14:30`) as clocks show them
 * where the viewer is, a moment in UTC (`…Z`), `today`, `yesterday`, or how long ago it was (`7d`, `12h`, `2w`).
 *
 * @returns milliseconds since the epoch
 * @throws CodedError REQUEST_INVALID
 */
export function parseSearchTime(
  { field, text }: { readonly field: string; readonly text: string },
  { now, timeZone }: SearchContext,
): number {
  const written = text.trim().toLowerCase()
  const time =
    namedDay(written, { now, timeZone }) ??
    ago(written, now) ??
    moment(written) ??
    localTime(written, timeZone)
  if (time !== undefined && time >= 0 && time < END) return time
  throw new SearchMistake(
    { is: 'time', field: `${field}:`, example: `${field}:2026-03-11, ${field}:7d` },
    `After ${field}: there can be a day, as in ${field}:2026-03-11, or how long ago it was, as in ${field}:7d.`,
  )
}

/** The tables of amavis have seconds in 32 bits. */
const END = 2 ** 32 * 1000

function namedDay(text: string, { now, timeZone }: SearchContext): number | undefined {
  const today = midnightBefore(now, timeZone)
  if (text === 'today') return firstShown(today, timeZone)
  return text === 'yesterday' ? firstShown(today - DAY, timeZone) : undefined
}

function ago(text: string, now: number): number | undefined {
  const span = parseDuration(text)
  return span === undefined ? undefined : Math.max(0, now - span)
}

function moment(text: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d:\d\d(?:\.\d{1,3})?)z$/.exec(text) ?? []
  return day === undefined ? undefined : utc(`${day}T${time}`)
}

function localTime(text: string, timeZone: string): number | undefined {
  const [, day, hour = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:t(\d\d:\d\d))?$/.exec(text) ?? []
  const local = day === undefined ? undefined : utc(`${day}T${hour}:00`)
  return local === undefined ? undefined : firstShown(local, timeZone)
}

/** Undefined for a day that no calendar has: `Date` takes the 30th of February for the 2nd of March. */
function utc(text: string): number | undefined {
  const time = Date.parse(`${text}Z`)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))
    ? time
    : undefined
}

/** A time as `parseSearchTime` reads it: a day if it begins then, else a moment in UTC. */
export function formatSearchTime(time: number, timeZone: string): string {
  const midnight = midnightBefore(time, timeZone)
  if (firstShown(midnight, timeZone) === time) return new Date(midnight).toISOString().slice(0, 10)
  return new Date(time).toISOString()
}

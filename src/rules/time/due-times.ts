import { type CronExpression, CronExpressionParser } from 'cron-parser'
import { DAY, offsetAt, whenShown } from './local-time.ts'

/** When something is due. */
export interface Times {
  /** Cron expressions of five fields; any of them counts. */
  readonly crons: readonly string[]
  /** IANA name. */
  readonly timeZone: string
}

/**
 * The latest time at or before `now` at which this was due; undefined when there is none.
 *
 * When the clocks change, it is as with cron:
 * - A time of certain hours is due once a day. Jumped over, it is due at the first moment after the jump; shown twice,
 *   it is due the first time.
 * - An expression for every hour goes by what the clock shows: due in both hours that look the same, and not at all in
 *   one that there is not.
 *
 * @throws Error what cannot be read as a cron expression or a time zone
 */
export function lastDue({ crons, timeZone }: Times, now: number): number | undefined {
  return finite(Math.max(...crons.map(cron => lastOf(readCron(cron), timeZone, now))))
}

/** The first time after `now` at which this is due: `lastDue` from the other side. */
export function nextDue({ crons, timeZone }: Times, now: number): number | undefined {
  return finite(Math.min(...crons.map(cron => nextOf(readCron(cron), timeZone, now))))
}

const finite = (time: number): number | undefined => (Number.isFinite(time) ? time : undefined)

/** A cron expression, to be walked over from a time. */
type CronFrom = (from: number) => CronExpression

/** Counts in UTC, where no clock is ever changed: its own counting in a zone loses and doubles hours when they are. */
function readCron(text: string): CronFrom {
  const isPlain = text.trim().split(/\s+/).length === 5 && !/\bH\b/.test(text)
  if (!isPlain) throw new Error('expected a cron expression of five fields, such as "0 6 * * *"')
  return from => CronExpressionParser.parse(text, { currentDate: from, tz: 'UTC' })
}

/**
 * Walks back over the local times, from the latest that any clock has shown by now. Where clocks were put back within
 * the last hours, an earlier local time may come after a later one; hence the look beyond the first hit.
 */
function lastOf(cron: CronFrom, timeZone: string, now: number): number {
  const offsets = [offsetAt(now, timeZone), offsetAt(now - DAY, timeZone)]
  const lowest = Math.min(...offsets)
  const walk = cron(now + Math.max(...offsets) + 1)
  let best = Number.NEGATIVE_INFINITY
  for (let local = step(() => walk.prev()); local !== undefined; local = step(() => walk.prev())) {
    if (local - lowest <= best) break
    const times = dueAt(local, timeZone, isHourly(walk)).filter(time => time <= now)
    best = Math.max(...times, best)
  }
  return best
}

/** Walks on over the local times, from the earliest that a clock will show. */
function nextOf(cron: CronFrom, timeZone: string, now: number): number {
  const offsets = [offsetAt(now, timeZone), offsetAt(now + DAY, timeZone)]
  const highest = Math.max(...offsets)
  const walk = cron(now + Math.min(...offsets) - 1)
  let best = Number.POSITIVE_INFINITY
  for (let local = step(() => walk.next()); local !== undefined; local = step(() => walk.next())) {
    if (local - highest >= best) break
    const times = dueAt(local, timeZone, isHourly(walk)).filter(time => time > now)
    best = Math.min(...times, best)
  }
  return best
}

/** The moments at which a local time of the expression is due. */
function dueAt(local: number, timeZone: string, hourly: boolean): readonly number[] {
  const { instants, afterGap } = whenShown(local, timeZone)
  if (hourly) return instants
  return [instants[0] ?? afterGap].filter(time => time !== undefined)
}

const isHourly = (cron: CronExpression): boolean => cron.fields.hour.values.length === 24

/** cron-parser throws when it finds none within some thousand steps. */
function step(move: () => { getTime(): number }): number | undefined {
  try {
    return move().getTime()
  } catch {
    return undefined
  }
}

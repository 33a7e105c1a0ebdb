import { hoursOf, utcCron } from '../../ground/cron/utc-cron.ts'
import { LONGEST_DAY, offsetAt, whenShown } from './local-time.ts'

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
 * When the clocks change, it does as cron does:
 * - A local time of an expression for certain hours is due once a day. If the clocks jump over it, it is due right
 *   after the jump. If they show it twice, it is due the first time.
 * - An expression for every hour follows the clock. It is due in both of two hours that look the same, and not at all
 *   in an hour that is skipped.
 *
 * @throws Error when an expression or the time zone cannot be read
 */
export function lastDue({ crons, timeZone }: Times, now: number): number | undefined {
  return finite(Math.max(...crons.map(cron => lastOf(cron, timeZone, now))))
}

/** The first time after `now` at which this is due, by the same rules as `lastDue`. */
export function nextDue({ crons, timeZone }: Times, now: number): number | undefined {
  return finite(Math.min(...crons.map(cron => nextOf(cron, timeZone, now))))
}

const finite = (time: number): number | undefined => (Number.isFinite(time) ? time : undefined)

/**
 * Walks back through the local times, from the latest that the zone's clocks can have shown by now. If they were put
 * back in the last hours, an earlier local time may come after a later one. So the walk goes on a little past the first
 * hit.
 */
function lastOf(cron: string, timeZone: string, now: number): number {
  const offsets = [offsetAt(now, timeZone), offsetAt(now - LONGEST_DAY, timeZone)]
  const lowest = Math.min(...offsets)
  let best = Number.NEGATIVE_INFINITY
  for (const local of localTimesBefore(now + Math.max(...offsets) + 1, cron)) {
    if (local - lowest <= best) break
    const times = dueAt(local, timeZone, cron).filter(time => time <= now)
    best = Math.max(...times, best)
  }
  return best
}

/** Walks forward through the local times, from the earliest that the zone's clocks can still show. */
function nextOf(cron: string, timeZone: string, now: number): number {
  const offsets = [offsetAt(now, timeZone), offsetAt(now + LONGEST_DAY, timeZone)]
  const highest = Math.max(...offsets)
  let best = Number.POSITIVE_INFINITY
  for (const local of localTimesAfter(now + Math.min(...offsets) - 1, cron)) {
    if (local - highest >= best) break
    const times = dueAt(local, timeZone, cron).filter(time => time > now)
    best = Math.min(...times, best)
  }
  return best
}

/** The latest first. */
function* localTimesBefore(end: number, text: string): Generator<number, void> {
  const cron = utcCron(text)
  let [local] = cron.previousRuns(1, new Date(end))
  while (local) {
    yield local.getTime()
    ;[local] = cron.previousRuns(1, local)
  }
}

/** The earliest first. */
function* localTimesAfter(start: number, text: string): Generator<number, void> {
  const cron = utcCron(text)
  for (let local = cron.nextRun(new Date(start)); local; local = cron.nextRun(local)) yield local.getTime()
}

/** The moments at which a local time of the expression is due. */
function dueAt(local: number, timeZone: string, cron: string): readonly number[] {
  const { instants, afterGap } = whenShown(local, timeZone)
  if (instants.length === 1 || isHourly(cron)) return instants
  return [instants[0] ?? afterGap].filter(time => time !== undefined)
}

const isHourly = (cron: string): boolean => hoursOf(cron).length === 24

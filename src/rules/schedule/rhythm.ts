import { DAY } from '../../ground/durations.ts'
import { offsetAt } from '../time/local-time.ts'
import { nextTimes } from '../time/next-times.ts'
import { READERS_OWN, type Schedule } from './schedule.ts'

/** When a schedule is due, in a form that a few words can describe. */
export interface Rhythm {
  /** The next times, earliest first. Empty when it is never due or cannot be read. */
  readonly next: readonly number[]
  /** The days of the week on which it is due, each at the same times. Undefined when it has no such pattern. */
  readonly weekly: Weekly | undefined
}

export interface Weekly {
  /** A moment on each of the days, starting from Monday. */
  readonly days: readonly number[]
  /** Whether the days are consecutive. */
  readonly isRange: boolean
  /** The moments of one such day. */
  readonly times: readonly number[]
}

/** Reads the pattern from the schedule's next week, as the reader's clocks show it. */
export function rhythmOf(schedule: Schedule, readersZone: string, now: number): Rhythm {
  const timeZone = schedule.timeZone === READERS_OWN ? readersZone : schedule.timeZone
  try {
    const week = nextTimes({ crons: schedule.crons, timeZone }, now, MAX_TIMES)
    const weekly = schedule.crons.every(isWeekly) ? weeklyOf(week, readersZone, now) : undefined
    return { next: week.slice(0, SHOWN), weekly }
  } catch {
    // Somebody edited the row by hand, and it cannot be read.
    return { next: [], weekly: undefined }
  }
}

/** Four times a day for a week, and the first time of the week after. */
const MAX_TIMES = 4 * 7 + 1

const SHOWN = 3

/** Whether the expression leaves days of the month and months open. */
const isWeekly = (cron: string): boolean => /^\s*\S+\s+\S+\s+\*\s+\*\s+\S+\s*$/.test(cron)

function weeklyOf(times: readonly number[], timeZone: string, now: number): Weekly | undefined {
  const week = times.filter(time => local(time, timeZone) <= local(now, timeZone) + WEEK)
  if (week.length === 0 || week.length === MAX_TIMES) return undefined
  const days = Map.groupBy(week, time => dayOfWeek(time, timeZone))
  const patterns = new Set([...days.values()].map(day => clockTimes(day, timeZone).join()))
  if (patterns.size !== 1) return undefined
  const numbers = [...days.keys()].sort((a, b) => a - b)
  const [first = 0] = numbers
  return {
    days: numbers.flatMap(number => days.get(number)?.[0] ?? []),
    isRange: numbers.length > 2 && numbers.every((number, index) => number === first + index),
    times: inOrder(days.get(first) ?? [], timeZone),
  }
}

const WEEK = 7 * DAY

const local = (time: number, timeZone: string): number => time + offsetAt(time, timeZone)

/** 0 is Monday. */
const dayOfWeek = (time: number, timeZone: string): number =>
  (new Date(local(time, timeZone)).getUTCDay() + 6) % 7

const clockOf = (time: number, timeZone: string): number => local(time, timeZone) % DAY

/** By the time of day. The week starts in the middle of its first day, whose morning is taken from a week later. */
const inOrder = (day: readonly number[], timeZone: string): number[] =>
  [...day].sort((a, b) => clockOf(a, timeZone) - clockOf(b, timeZone))

const clockTimes = (day: readonly number[], timeZone: string): number[] =>
  inOrder(day, timeZone).map(time => clockOf(time, timeZone))

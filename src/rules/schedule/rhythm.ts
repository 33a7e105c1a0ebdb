import { DAY } from '../../ground/durations.ts'
import { offsetAt } from '../time/local-time.ts'
import { nextTimes } from '../time/next-times.ts'
import { READERS_OWN, type Schedule } from './schedule.ts'

/** When a schedule is due, in a form that can be said in few words. */
export interface Rhythm {
  /** The next times, the first one first: none when it is never due, or cannot be read. */
  readonly next: readonly number[]
  /** When it is due at the same times on each of some days of the week; undefined: there is no such pattern. */
  readonly weekly: Weekly | undefined
}

export interface Weekly {
  /** A moment on each of the days, from Monday on. */
  readonly days: readonly number[]
  /** Whether these days follow each other. */
  readonly isRange: boolean
  /** The moments of one such day. */
  readonly times: readonly number[]
}

/** Looks at the schedule's next week as the clocks of its own zone, or the reader's, show it. */
export function rhythmOf(schedule: Schedule, readersZone: string, now: number): Rhythm {
  const timeZone = schedule.timeZone === READERS_OWN ? readersZone : schedule.timeZone
  try {
    const week = nextTimes({ crons: schedule.crons, timeZone }, now, MOST)
    const weekly = schedule.crons.every(isWeekly) ? weeklyOf(week, readersZone, now) : undefined
    return { next: week.slice(0, SHOWN), weekly }
  } catch {
    // A row that somebody wrote by hand.
    return { next: [], weekly: undefined }
  }
}

/** Four times a day, and one time of the week after. */
const MOST = 4 * 7 + 1

const SHOWN = 3

/** Whether the days of the month and the months do not matter. */
const isWeekly = (cron: string): boolean => /^\s*\S+\s+\S+\s+\*\s+\*\s+\S+\s*$/.test(cron)

function weeklyOf(times: readonly number[], timeZone: string, now: number): Weekly | undefined {
  const week = times.filter(time => local(time, timeZone) <= local(now, timeZone) + WEEK)
  if (week.length === 0 || week.length === MOST) return undefined
  const days = Map.groupBy(week, time => dayOfWeek(time, timeZone))
  const patterns = new Set([...days.values()].map(day => clockTimes(day, timeZone).join()))
  if (patterns.size !== 1) return undefined
  const numbers = [...days.keys()].sort((one, other) => one - other)
  const [first = 0] = numbers
  return {
    days: numbers.flatMap(number => days.get(number)?.[0] ?? []),
    isRange: numbers.length > 2 && numbers.every((number, index) => number === first + index),
    times: inOrder(days.get(first) ?? [], timeZone),
  }
}

const WEEK = 7 * DAY

const local = (time: number, timeZone: string): number => time + offsetAt(time, timeZone)

/** From 0 for Monday. */
const dayOfWeek = (time: number, timeZone: string): number =>
  (new Date(local(time, timeZone)).getUTCDay() + 6) % 7

const clockOf = (time: number, timeZone: string): number => local(time, timeZone) % DAY

/** The first day of the week that is looked at begins in its midst: its morning is that of a week later. */
const inOrder = (day: readonly number[], timeZone: string): number[] =>
  [...day].sort((one, other) => clockOf(one, timeZone) - clockOf(other, timeZone))

const clockTimes = (day: readonly number[], timeZone: string): number[] =>
  inOrder(day, timeZone).map(time => clockOf(time, timeZone))

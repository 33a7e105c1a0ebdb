import { durationText } from '../config/duration.ts'
import { nextDue } from './due-times.ts'
import type { Filter } from './filter.ts'
import { READERS_OWN, type Schedule } from './schedules.ts'

/** A schedule as commands, the API and pages show it. */
export interface ScheduleJson {
  readonly name: string
  readonly cron: readonly string[]
  /** IANA name, or `reader`: each reader's own. */
  readonly timezone: string
  readonly default: boolean
  readonly on: boolean
  /** Null: all messages. */
  readonly filter: {
    readonly kinds: Filter['kinds'] | null
    readonly minScore: number | null
    readonly maxScore: number | null
  } | null
  readonly minMessages: number
  readonly sendEmpty: boolean
  /** Such as `30m`. */
  readonly spread: string
  readonly readersMayChoose: boolean
  readonly version: number
  /** ISO 8601; null when it is off or cannot be read. */
  readonly next: string | null
}

/** @param standardTimeZone the zone in which `next` is counted for readers who have none of their own */
export function scheduleJson(schedule: Schedule, now: number, standardTimeZone: string): ScheduleJson {
  const next = nextOf(schedule, now, standardTimeZone)
  return {
    name: schedule.name,
    cron: schedule.crons,
    timezone: schedule.timeZone,
    default: schedule.isDefault,
    on: schedule.enabled,
    filter: schedule.filter ? filterJson(schedule.filter) : null,
    minMessages: schedule.minMessages,
    sendEmpty: schedule.sendsEmpty,
    spread: durationText(schedule.spread),
    readersMayChoose: schedule.isOffered,
    version: schedule.version,
    next: next === undefined ? null : new Date(next).toISOString(),
  }
}

const filterJson = ({ kinds, minScore, maxScore }: Filter) => ({
  kinds: kinds ?? null,
  minScore: minScore ?? null,
  maxScore: maxScore ?? null,
})

function nextOf({ crons, timeZone, enabled }: Schedule, now: number, standard: string): number | undefined {
  if (!enabled) return undefined
  try {
    return nextDue({ crons, timeZone: timeZone === READERS_OWN ? standard : timeZone }, now)
  } catch {
    return undefined
  }
}

import { durationText } from '../../../ground/durations.ts'
import type { Filter } from '../../../rules/schedule/filter.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'

/** A schedule as commands, the API and pages show it. */
export interface ScheduleJson {
  readonly name: string
  readonly cron: readonly string[]
  /** An IANA name, or `reader` for each reader's own time zone. */
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
  /** ISO 8601; null when the schedule is off or its times cannot be read. */
  readonly next: string | null
}

/** @param next when the schedule is due next, as `nextRuns` returns it */
export function scheduleJson(schedule: Schedule, next: string | undefined): ScheduleJson {
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
    next: next ?? null,
  }
}

const filterJson = ({ kinds, minScore, maxScore }: Filter) => ({
  kinds: kinds ?? null,
  minScore: minScore ?? null,
  maxScore: maxScore ?? null,
})

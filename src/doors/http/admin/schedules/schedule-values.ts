import type { ContentKind } from '../../../../ground/amavis/content.ts'
import { KINDS } from '../../../../ground/amavis/content.ts'
import { MINUTE } from '../../../../ground/durations.ts'
import { READERS_OWN, type Schedule } from '../../../../rules/schedule/schedule.ts'
import { timeText, weekTimesOf } from '../../../../rules/time/week-times.ts'

/** The contents of the fields of the schedule form. */
export interface ScheduleValues {
  readonly name: string
  /** 1 is Monday. */
  readonly days: readonly number[]
  readonly times: string
  /** One cron expression a line; empty if days and times are enough. */
  readonly crons: string
  readonly zoneMode: 'one' | 'reader'
  readonly zone: string
  readonly kinds: readonly ContentKind[]
  readonly minScore: string
  readonly maxScore: string
  readonly minMessages: string
  readonly sendsEmpty: boolean
  /** Minutes. */
  readonly spread: string
  readonly isOffered: boolean
  readonly isDefault: boolean
  readonly enabled: boolean
  /** Readers and domains that get it from now on. */
  readonly whom: string
}

/** @param timeZone the admins' time zone */
export const freshValues = (timeZone: string): ScheduleValues => ({
  name: '',
  days: [1, 2, 3, 4, 5],
  times: '',
  crons: '',
  zoneMode: 'one',
  zone: timeZone,
  kinds: [...KINDS],
  minScore: '',
  maxScore: '',
  minMessages: '1',
  sendsEmpty: false,
  spread: '0',
  isOffered: false,
  isDefault: false,
  enabled: true,
  whom: '',
})

export function valuesOfSchedule(schedule: Schedule, timeZone: string): ScheduleValues {
  const week = weekTimesOf(schedule.crons)
  const { filter } = schedule
  return {
    name: schedule.name,
    days: week?.days ?? [],
    times: week?.times.map(timeText).join(', ') ?? '',
    crons: week ? '' : schedule.crons.join('\n'),
    zoneMode: schedule.timeZone === READERS_OWN ? 'reader' : 'one',
    zone: schedule.timeZone === READERS_OWN ? timeZone : schedule.timeZone,
    kinds: filter?.kinds ?? KINDS,
    minScore: filter?.minScore?.toString() ?? '',
    maxScore: filter?.maxScore?.toString() ?? '',
    minMessages: String(schedule.minMessages),
    sendsEmpty: schedule.sendsEmpty,
    spread: String(schedule.spread / MINUTE),
    isOffered: schedule.isOffered,
    isDefault: schedule.isDefault,
    enabled: schedule.enabled,
    whom: '',
  }
}

export function valuesOfForm(form: URLSearchParams): ScheduleValues {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const days = form.getAll('day')
  const kinds = form.getAll('kind')
  return {
    name: text('name').toLowerCase().replace(/\s+/g, '-'),
    days: [1, 2, 3, 4, 5, 6, 7].filter(day => days.includes(String(day))),
    times: text('times'),
    crons: text('crons'),
    zoneMode: text('zoneMode') === 'one' ? 'one' : 'reader',
    zone: text('zone'),
    kinds: KINDS.filter(kind => kinds.includes(kind)),
    minScore: text('minScore'),
    maxScore: text('maxScore'),
    minMessages: text('minMessages'),
    sendsEmpty: form.has('sendsEmpty'),
    spread: text('spread'),
    isOffered: form.has('isOffered'),
    isDefault: form.has('isDefault'),
    enabled: form.has('enabled'),
    whom: text('whom'),
  }
}

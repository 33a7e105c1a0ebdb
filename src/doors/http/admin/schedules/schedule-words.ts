import { formatTime } from '../../../../ground/display/format.ts'
import { DAY, MINUTE } from '../../../../ground/durations.ts'
import type { Words } from '../../../../ground/i18n/locales.ts'
import { READERS_OWN, type Schedule } from '../../../../rules/schedule/schedule.ts'
import { type WeekTimes, weekTimesOf } from '../../../../rules/time/week-times.ts'
import { countUsers, type ScheduleUsers } from '../../../../work/schedules/schedule-users.ts'
import type { Writer } from '../../web/writer.ts'

/** When a schedule is due, as a sentence; undefined if only its cron expressions can say it. */
export function whenWords(schedule: Pick<Schedule, 'crons'>, writer: Writer): string | undefined {
  const week = weekTimesOf(schedule.crons)
  return week && weekWords(week, writer)
}

/** The time zone of a schedule, or that each reader's own applies. */
export const zoneWords = (timeZone: string, { words }: Writer): string =>
  timeZone === READERS_OWN ? words.say('admin.schedules.ownZone') : timeZone

/** The names of the days, Monday first. */
export function dayNames(words: Words): string[] {
  const format = new Intl.DateTimeFormat(words.language, { weekday: 'long', timeZone: 'UTC' })
  return MONDAY_TO_SUNDAY.map(day => format.format(day))
}

/** How many readers and domains have settings that name a schedule. */
export function usersWords(users: ScheduleUsers | undefined, { words }: Writer): string {
  if (!users || countUsers(users) === 0) return words.say('admin.schedules.usedByNobody')
  const parts = [
    ...(users.everybody ? [words.say('admin.schedules.everybody')] : []),
    ...(users.domains > 0 ? [words.say('admin.schedules.domains', { count: users.domains })] : []),
    ...(users.readers > 0 ? [words.say('admin.schedules.readers', { count: users.readers })] : []),
  ]
  return new Intl.ListFormat(words.language).format(parts)
}

/** 5 January 1970 was a Monday. */
const MONDAY_TO_SUNDAY = [1, 2, 3, 4, 5, 6, 7].map(day => (day + 3) * DAY)

function weekWords({ days, times }: WeekTimes, { words, place }: Writer): string {
  const list = new Intl.ListFormat(words.language)
  const clock = (time: number) => formatTime(time * MINUTE, 'clock', { ...place, timeZone: 'UTC' })
  const shown = list.format(times.map(clock))
  if (days.length === 7) return words.say('admin.schedules.daily', { times: shown })
  const names = dayNames(words)
  const [first, last] = [days[0] ?? 1, days.at(-1) ?? 7]
  if (days.length > 2 && last - first === days.length - 1) {
    const [from = '', to = ''] = [names[first - 1], names[last - 1]]
    return words.say('admin.schedules.fromTo', { from, to, times: shown })
  }
  return words.say('admin.schedules.onDays', {
    days: list.format(days.map(day => names[day - 1] ?? '')),
    times: shown,
  })
}

import type { ScheduleJson } from '../../../desks/admin/schedules/schedule-json.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

/** The schedules as a table for people. */
export function schedulesText(schedules: readonly ScheduleJson[]): string {
  if (schedules.length === 0) return 'There is no schedule.'
  return table(['Name', 'Due at', 'Time zone', 'Next', 'Notes'], schedules.map(rowOf))
}

const rowOf = (schedule: ScheduleJson): string[] => [
  schedule.name,
  schedule.cron.join(' | '),
  schedule.timezone === 'reader' ? "each reader's own" : schedule.timezone,
  nextText(schedule),
  remarksOf(schedule).join(', '),
]

/** In the schedule's own zone, or in UTC if it follows each reader's own. */
function nextText({ next, timezone }: ScheduleJson): string {
  if (next === null) return '-'
  return localTime(Date.parse(next), timezone === 'reader' ? 'UTC' : timezone)
}

const remarksOf = (schedule: ScheduleJson): string[] => [
  ...(schedule.default ? ['default'] : []),
  ...(schedule.on ? [] : ['off']),
  ...filterRemarks(schedule.filter),
  ...(schedule.minMessages > 1 ? [`at least ${schedule.minMessages} messages`] : []),
  ...(schedule.sendEmpty ? ['also when nothing was held'] : []),
  ...(schedule.spread === '0s' ? [] : [`spread over ${schedule.spread}`]),
  ...(schedule.readersMayChoose ? ['readers may choose it'] : []),
]

function filterRemarks(filter: ScheduleJson['filter']): string[] {
  if (!filter) return []
  const { kinds, minScore, maxScore } = filter
  return [
    ...(kinds ? [`only ${kinds.join(' + ')}`] : []),
    ...(minScore === null ? [] : [`score from ${minScore}`]),
    ...(maxScore === null ? [] : [`score below ${maxScore}`]),
  ]
}

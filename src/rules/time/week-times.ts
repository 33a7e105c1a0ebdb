import { plainCron } from '../../ground/cron/cron-fault.ts'

/** Times of day on days of the week: most schedules can be described by these, without cron. */
export interface WeekTimes {
  /** In order; 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[]
  /** Minutes since midnight, in order. */
  readonly times: readonly number[]
}

/** The cron expressions for these times: one for each minute of the hour that occurs among them. */
export function cronsOfWeek({ days, times }: WeekTimes): string[] {
  const hours = Map.groupBy(
    [...new Set(times)].sort((a, b) => a - b),
    time => time % 60,
  )
  const weekdays = days.length === 7 ? '*' : spans(days)
  return [...hours].map(([minute, all]) => {
    return `${minute} ${all.map(time => Math.floor(time / 60)).join(',')} * * ${weekdays}`
  })
}

/** The days and times of cron expressions. Undefined when they restrict anything else, or differ in their days. */
export function weekTimesOf(crons: readonly string[]): WeekTimes | undefined {
  const parts = crons.map(cron => PLAIN.exec(plainCron(cron)))
  const [first] = parts
  const days = first?.[3] === undefined ? undefined : daysIn(first[3])
  if (!days) return undefined
  const times: number[] = []
  for (const part of parts) {
    const [, minute = '', hours = '', weekdays = ''] = part ?? []
    if (Number(minute) > 59 || daysIn(weekdays)?.join() !== days.join()) return undefined
    for (const hour of hours.split(',')) {
      if (Number(hour) > 23) return undefined
      times.push(Number(hour) * 60 + Number(minute))
    }
  }
  return { days, times: [...new Set(times)].sort((a, b) => a - b) }
}

/**
 * Times of day as people write them: "7:00, 15:00", "7.30 and 15", "7 am, 3 pm".
 * @returns minutes since midnight, or the first part that cannot be read as a time
 */
export function timesIn(text: string): { readonly times: readonly number[]; readonly unread?: string } {
  const times: number[] = []
  const parts = text.replace(/(\d)\s+([ap]m)\b/gi, '$1$2').split(/[\s,;&+]+/)
  for (const part of parts) {
    if (part === '' || /^(?:and|at)$/i.test(part)) continue
    const time = timeIn(part)
    if (time === undefined) return { times: [], unread: part }
    times.push(time)
  }
  return { times: [...new Set(times)].sort((a, b) => a - b) }
}

/** `07:30` */
export const timeText = (time: number): string =>
  `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`

function timeIn(text: string): number | undefined {
  const [, hourText, minuteText = '0', half] = /^(\d{1,2})(?:[:.h](\d{2})?)?(?:([ap])m)?$/i.exec(text) ?? []
  if (hourText === undefined) return undefined
  const [hour, minute] = [Number(hourText), Number(minuteText)]
  if (minute > 59) return undefined
  if (half === undefined) return hour > 23 ? undefined : hour * 60 + minute
  if (hour < 1 || hour > 12) return undefined
  return ((hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)) * 60 + minute
}

const PLAIN = /^(\d{1,2}) (\d{1,2}(?:,\d{1,2})*) \* \* (\*|[0-7](?:-[0-7])?(?:,[0-7](?:-[0-7])?)*)$/

/** Cron's 0 and 7 are both Sunday. */
function daysIn(text: string): number[] | undefined {
  if (text === '*') return [1, 2, 3, 4, 5, 6, 7]
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number)
    if (from > to) return undefined
    for (let day = from; day <= to; day += 1) days.add(day === 0 ? 7 : day)
  }
  return [...days].sort((a, b) => a - b)
}

/** `1-5`, `1,3,6-7` */
function spans(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b)
  const starts = sorted.filter(day => !sorted.includes(day - 1))
  return starts
    .map(start => {
      let end = start
      while (sorted.includes(end + 1)) end += 1
      return end === start ? `${start}` : `${start}-${end}`
    })
    .join(',')
}

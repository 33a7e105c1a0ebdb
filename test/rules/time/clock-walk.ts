import { MINUTE } from '../../../src/ground/durations.ts'

/** Every minute from one time to another, with the local time in a zone, written as the UTC time of the same digits. */
export function clockWalk(
  from: number,
  to: number,
  timeZone: string,
): readonly (readonly [number, number])[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const walk: [number, number][] = []
  for (let time = from; time <= to; time += MINUTE) {
    walk.push([time, Date.parse(`${format.format(time).replace(' ', 'T')}Z`)])
  }
  return walk
}

/**
 * When a cron expression of numbers, lists, ranges and steps is due on that walk, after its first minute, as crontab(5)
 * alone has it: an expression for every hour whenever the clock shows its time, any other once the clock has reached
 * it.
 */
export function dueOnWalk(cron: string, walk: readonly (readonly [number, number])[]): number[] {
  if (valuesOf(cron.split(' ')[1] ?? '', 0, 23).size === 24) {
    return walk
      .slice(1)
      .filter(([, shown]) => matches(cron, shown))
      .map(([time]) => time)
  }
  const due = new Set<number>()
  let reached = walk[0]?.[1] ?? 0
  for (const [time, shown] of walk) {
    for (let local = reached + MINUTE; local <= shown; local += MINUTE)
      if (matches(cron, local)) due.add(time)
    reached = Math.max(reached, shown)
  }
  return [...due]
}

function matches(cron: string, shown: number): boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ')
  const date = new Date(shown)
  const isDay = valuesOf(day, 1, 31).has(date.getUTCDate())
  const isWeekday = valuesOf(weekday, 0, 6).has(date.getUTCDay())
  return (
    valuesOf(minute, 0, 59).has(date.getUTCMinutes()) &&
    valuesOf(hour, 0, 23).has(date.getUTCHours()) &&
    valuesOf(month, 1, 12).has(date.getUTCMonth() + 1) &&
    (day === '*' || weekday === '*' ? isDay && isWeekday : isDay || isWeekday)
  )
}

const known = new Map<string, ReadonlySet<number>>()

function valuesOf(field: string, first: number, last: number): ReadonlySet<number> {
  const found = known.get(`${field} ${last}`)
  if (found) return found
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [low = first, high = low] = range === '*' ? [first, last] : range.split('-').map(Number)
    for (let value = low; value <= high; value += Number(step)) values.add(value)
  }
  known.set(`${field} ${last}`, values)
  return values
}

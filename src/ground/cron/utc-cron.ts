import { Cron } from 'croner'

/**
 * A cron expression of five fields, whose times are told in UTC, where no clock is ever changed. UTC is said as an
 * offset: croner reads a zone by its name four times as slowly.
 *
 * @throws Error what cannot be read
 */
export function utcCron(text: string): Cron {
  const fields = text.trim().split(/\s+/)
  // It knows names too, such as "@daily".
  if (fields.length !== 5) throw new Error('expected a cron expression of five fields, such as "0 6 * * *"')
  return new Cron(fields.join(' '), { mode: '5-part', utcOffset: 0 })
}

/** The hours of a day in which it can be due. */
export function hoursOf(cron: string): number[] {
  const [, hour] = cron.trim().split(/\s+/)
  const ofHour = utcCron(`0 ${hour} * * *`)
  return upTo(24).filter(number => ofHour.match(new Date(number * HOUR)))
}

/** The minutes of an hour in which it can be due. */
export function minutesOf(cron: string): number[] {
  const [minute] = cron.trim().split(/\s+/)
  const ofMinute = utcCron(`${minute} * * * *`)
  return upTo(60).filter(number => ofMinute.match(new Date(number * MINUTE)))
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

const MINUTE = 60_000
const HOUR = 60 * MINUTE

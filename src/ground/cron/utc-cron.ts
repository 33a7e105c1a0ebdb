import { Cron } from 'croner'
import { memo } from '../concurrency/memo.ts'
import { HOUR, MINUTE } from '../durations.ts'
import { withSameMeaning } from './same-meaning.ts'

/**
 * A cron expression of five fields. It is read once: pages ask for the times of one in all the world's zones, and to
 * read it takes six times as long as to find a time. Its times are in UTC, where clocks never change. UTC is given as
 * an offset, because croner is four times as slow with the name of a zone.
 *
 * @throws Error when the expression cannot be read
 */
export const utcCron = (text: string): Cron => crons(text, () => readCron(text))

/** Each takes 80 kB. */
const crons = memo<Cron>(60)

function readCron(text: string): Cron {
  const fields = text.trim().split(/\s+/)
  // croner would also accept names such as "@daily".
  if (fields.length !== 5) throw new Error('expected a cron expression of five fields, such as "0 6 * * *"')
  return new Cron(withSameMeaning(fields).join(' '), { mode: '5-part', utcOffset: 0 })
}

/** The hours of a day in which a cron expression can be due. */
export function hoursOf(cron: string): readonly number[] {
  return hours(cron, () => readHours(cron))
}

const hours = memo<readonly number[]>(60)

function readHours(cron: string): number[] {
  const [, hour] = cron.trim().split(/\s+/)
  const hourly = readCron(`0 ${hour} * * *`)
  return upTo(24).filter(number => hourly.match(new Date(number * HOUR)))
}

/** The minutes of an hour in which a cron expression can be due. */
export function minutesOf(cron: string): readonly number[] {
  return minutes(cron, () => readMinutes(cron))
}

const minutes = memo<readonly number[]>(60)

function readMinutes(cron: string): number[] {
  const [minute] = cron.trim().split(/\s+/)
  const minutely = readCron(`${minute} * * * *`)
  return upTo(60).filter(number => minutely.match(new Date(number * MINUTE)))
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

import { MINUTE } from '../../ground/durations.ts'
import { offsetAt } from '../../rules/time/local-time.ts'

/**
 * A time as clocks show it, to the second, with their distance from UTC: 2026-03-11T06:00:00+01:00. Every table shows
 * times in this form.
 *
 * @param timeZone whose clocks; this machine's if undefined. @throws RangeError unknown zone
 */
export function localTime(time: number, timeZone?: string): string {
  const offset =
    timeZone === undefined
      ? -new Date(time).getTimezoneOffset()
      : Math.round(offsetAt(time, timeZone) / MINUTE)
  const shown = new Date(time + offset * MINUTE).toISOString().slice(0, 19)
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${shown}${offset < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')

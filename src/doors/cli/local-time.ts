import { MINUTE } from '../../ground/durations.ts'

/** A time as this machine's clock shows it, to the second: 2026-03-11T06:00:00+01:00. */
export function localTime(time: number): string {
  const offset = -new Date(time).getTimezoneOffset()
  const shown = new Date(time + offset * MINUTE).toISOString().slice(0, 19)
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${shown}${offset < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')

import { offsetAt } from './local-time.ts'

/** What a zone's clocks show, to the minute: `Thu 2026-03-12 07:00`. @throws RangeError unknown zone */
export function zonedTime(instant: number, timeZone: string): string {
  const shown = new Date(instant + offsetAt(instant, timeZone))
  const day = DAYS[shown.getUTCDay()] ?? ''
  return `${day} ${shown.toISOString().slice(0, 16).replace('T', ' ')}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

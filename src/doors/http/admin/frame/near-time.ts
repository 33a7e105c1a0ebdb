import { DAY } from '../../../../ground/durations.ts'
import { midnightBefore } from '../../../../rules/time/local-time.ts'
import type { Writer } from '../../web/writer.ts'

/** A moment as people say it: "today, 6:00 AM", "tomorrow, 6:00 AM"; further away, with the weekday and the date. */
export function nearTime(at: number, writer: Writer): string {
  const { language, timeZone, now } = writer.place
  if (now === undefined) return writer.time(at)
  const days = Math.round((midnightBefore(at, timeZone) - midnightBefore(now, timeZone)) / DAY)
  if (Math.abs(days) > 1) return writer.time(at)
  const day = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(days, 'day')
  return `${day} ${writer.time(at, 'clock')}`
}

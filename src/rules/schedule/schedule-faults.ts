import { cronFault } from '../../ground/cron/cron-fault.ts'
import { displayText } from '../../ground/display/text.ts'
import { durationText, HOUR } from '../../ground/durations.ts'
import { isTimeZone, zoneHint } from '../../ground/i18n/time-zone-name.ts'
import { filterSchema } from './filter.ts'
import { READERS_OWN } from './schedule.ts'
import type { ScheduleChange } from './schedule-change.ts'

/** Everything that is wrong with a schedule's name and with the change to it, one sentence for each fault. */
export function scheduleFaults(name: string, change: ScheduleChange): string[] {
  return [
    ...nameFaults(name),
    ...cronsFaults(change.crons),
    ...timeZoneFaults(change.timeZone),
    ...filterFaults(change.filter),
    ...numberFaults('minimum of messages', change.minMessages, MIN_MESSAGES, String),
    ...numberFaults('spread', change.spread, SPREAD, durationText),
  ]
}

/** The form of a schedule's name. */
export const SCHEDULE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

export const MAX_CRONS = 20

/** Bounds, both inclusive. */
export const MIN_MESSAGES = { least: 1, most: 1000 }

export const SPREAD = { least: 0, most: 2 * HOUR }

const nameFaults = (name: string): string[] =>
  SCHEDULE_NAME.test(name)
    ? []
    : [`name ${quoted(name)}: expected up to 64 lower-case letters, digits and dashes, such as "weekdays"`]

function cronsFaults(crons: readonly string[] | undefined): string[] {
  if (crons === undefined) return []
  if (crons.length === 0) return ['cron: expected at least one expression, such as "0 6 * * *"']
  if (crons.length > MAX_CRONS) return [`cron: expected at most ${MAX_CRONS} expressions`]
  return crons.flatMap(cron => {
    const fault = cronFault(cron)
    return fault === undefined ? [] : [`cron ${quoted(cron)}: ${fault}`]
  })
}

function timeZoneFaults(timeZone: string | undefined): string[] {
  if (timeZone === undefined || timeZone === READERS_OWN || isTimeZone(timeZone)) return []
  return [
    `time zone ${quoted(timeZone)}: expected a name such as Europe/Paris${zoneHint(timeZone)}, or ${READERS_OWN} for each reader's own`,
  ]
}

function filterFaults(filter: ScheduleChange['filter']): string[] {
  if (!filter) return []
  const issues = filterSchema.safeParse(filter).error?.issues ?? []
  return issues.map(({ path, message }) => `${['filter', ...path].join('.')}: ${message}`)
}

function numberFaults(
  label: string,
  value: number | undefined,
  { least, most }: { readonly least: number; readonly most: number },
  text: (value: number) => string,
): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return []
  return [`${label}: expected ${text(least)} to ${text(most)}`]
}

const quoted = (text: string): string => `"${displayText(text, 60)}"`

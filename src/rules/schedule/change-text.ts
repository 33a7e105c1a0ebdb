import { durationText } from '../../ground/durations.ts'
import type { Filter } from './filter.ts'
import type { Schedule } from './schedule.ts'

/** What changed in a schedule, for the audit: `cron 0 6 * * * → 0 7 * * *; on yes → no`. Empty when nothing changed. */
export function changesText(before: Schedule | undefined, after: Schedule): string {
  return FIELDS.flatMap(([label, textOf]) => {
    const text = textOf(after)
    if (before === undefined) return [`${label} ${text}`]
    const old = textOf(before)
    return old === text ? [] : [`${label} ${old} → ${text}`]
  }).join('; ')
}

const FIELDS: readonly (readonly [string, (schedule: Schedule) => string])[] = [
  ['cron', ({ crons }) => crons.join(' | ')],
  ['time zone', ({ timeZone }) => timeZone],
  ['default', ({ isDefault }) => yesNo(isDefault)],
  ['on', ({ enabled }) => yesNo(enabled)],
  ['carries', ({ filter }) => filterText(filter)],
  ['minimum', ({ minMessages }) => String(minMessages)],
  ['empty ones', ({ sendsEmpty }) => yesNo(sendsEmpty)],
  ['spread', ({ spread }) => durationText(spread)],
  ['for readers to choose', ({ isOffered }) => yesNo(isOffered)],
]

/** `spam, banned from 5 below 12`; `all`. */
export function filterText(filter: Filter | undefined): string {
  const kinds = filter?.kinds?.join(', ') ?? 'all'
  const from = filter?.minScore === undefined ? '' : ` from score ${filter.minScore}`
  const below = filter?.maxScore === undefined ? '' : ` below score ${filter.maxScore}`
  return `${kinds}${from}${below}`
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no')

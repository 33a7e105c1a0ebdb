import { KINDS } from '../../../../ground/amavis/content.ts'
import { MINUTE } from '../../../../ground/durations.ts'
import type { Filter } from '../../../../rules/schedule/filter.ts'
import { READERS_OWN } from '../../../../rules/schedule/schedule.ts'
import type { ScheduleChange } from '../../../../rules/schedule/schedule-change.ts'
import { scheduleFaults } from '../../../../rules/schedule/schedule-faults.ts'
import { canonicalScope, EVERYBODY, isSettable } from '../../../../rules/settings/scope.ts'
import { cronsOfWeek, timesIn } from '../../../../rules/time/week-times.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { zoneFault, zoneNamed } from '../frame/time-zones.ts'
import type { ScheduleValues } from './schedule-values.ts'

/** In the order of the form. */
export const SCHEDULE_FIELDS = [
  'name',
  'times',
  'crons',
  'zone',
  'whom',
  'kinds',
  'minScore',
  'minMessages',
  'spread',
] as const

export type ScheduleField = (typeof SCHEDULE_FIELDS)[number]

/** The schedule that a form asks for. */
export interface SubmittedSchedule {
  readonly change: ScheduleChange
  /** Who is to get it: addresses and domains in canonical form. */
  readonly scopes: readonly string[]
  readonly faults: readonly FieldFault<ScheduleField>[]
}

/**
 * Reads the fields of the form, and collects every fault in them.
 *
 * @param standardZone the zone that the form fills in by default
 */
export function readSchedule(values: ScheduleValues, standardZone: string): SubmittedSchedule {
  const faults: FieldFault<ScheduleField>[] = []
  const crons = cronsIn(values, faults)
  const timeZone = zoneIn(values, standardZone, faults)
  const filter = filterIn(values, faults)
  const scopes = scopesIn(values, faults)
  const change: ScheduleChange = {
    crons,
    timeZone,
    filter,
    minMessages: numberIn(values.minMessages, 'minMessages', faults),
    sendsEmpty: values.sendsEmpty,
    spread: minutes(numberIn(values.spread, 'spread', faults)),
    isOffered: values.isOffered,
    ...(values.isDefault ? { isDefault: true } : {}),
    enabled: values.enabled,
  }
  const allFaults = [...faults, ...furtherFaults(values, change, faults)]
  return { change, scopes, faults: allFaults.sort((a, b) => placeOf(a) - placeOf(b)) }
}

/** Sorts faults from the top of the form to the bottom. */
const placeOf = ({ field }: FieldFault<ScheduleField>): number => SCHEDULE_FIELDS.indexOf(field)

type Faults = FieldFault<ScheduleField>[]

function cronsIn(values: ScheduleValues, faults: Faults): readonly string[] | undefined {
  const lines = values.crons.split('\n').flatMap(line => line.trim() || [])
  if (lines.length > 0) {
    if (values.times !== '') faults.push({ field: 'crons', key: 'bothTimes' })
    return lines
  }
  const { times, unread } = timesIn(values.times)
  if (unread !== undefined) faults.push({ field: 'times', key: 'noTime', found: unread.slice(0, 40) })
  else if (times.length === 0) faults.push({ field: 'times', key: 'timesMissing' })
  if (values.days.length === 0) faults.push({ field: 'times', key: 'daysMissing' })
  return times.length > 0 && values.days.length > 0 ? cronsOfWeek({ days: values.days, times }) : undefined
}

function zoneIn(
  { zoneMode, zone }: ScheduleValues,
  standardZone: string,
  faults: Faults,
): string | undefined {
  const name = zoneNamed(zone)
  if (zoneMode === 'reader') {
    if (zone !== '' && name !== standardZone) faults.push({ field: 'zone', key: 'bothZones' })
    return READERS_OWN
  }
  if (name === undefined) faults.push(zoneFault('zone', zone))
  return name
}

function filterIn(values: ScheduleValues, faults: Faults): Filter | null {
  if (values.kinds.length === 0) faults.push({ field: 'kinds', key: 'kindsMissing' })
  const kinds = values.kinds.length === KINDS.length ? undefined : values.kinds
  const minScore = scoreIn(values.minScore, faults)
  const maxScore = scoreIn(values.maxScore, faults)
  if (minScore !== undefined && maxScore !== undefined && minScore >= maxScore) {
    faults.push({ field: 'minScore', key: 'scoresCrossed' })
  }
  if (kinds === undefined && minScore === undefined && maxScore === undefined) return null
  return { kinds, minScore, maxScore }
}

/** Accepts a decimal comma, which many countries use. */
function scoreIn(text: string, faults: Faults): number | undefined {
  if (text === '') return undefined
  if (/^[+-]?\d{1,6}(?:[.,]\d{1,6})?$/.test(text)) return Number(text.replace(',', '.'))
  faults.push({ field: 'minScore', key: 'noNumber', found: text.slice(0, 40) })
  return undefined
}

function numberIn(text: string, field: 'minMessages' | 'spread', faults: Faults): number | undefined {
  if (text === '') return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  faults.push({ field, key: 'noNumber', found: text.slice(0, 40) })
  return undefined
}

const minutes = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value * MINUTE

function scopesIn({ whom }: ScheduleValues, faults: Faults): string[] {
  const texts = whom.split(/[\n,;]+/).flatMap(text => text.trim() || [])
  return texts.flatMap(text => {
    // People write a domain without the at-sign.
    const scope = canonicalScope(text.includes('@') ? text : `@${text}`)
    if (scope === undefined || scope === EVERYBODY || !isSettable(scope)) {
      faults.push({ field: 'whom', key: 'nobody', found: text.slice(0, 100) })
      return []
    }
    return [scope]
  })
}

/** The faults that the use-case would report, in its own words, for the fields that could be read. */
function furtherFaults({ name }: ScheduleValues, change: ScheduleChange, known: Faults): Faults {
  const isKnown = (field: ScheduleField) => known.some(fault => fault.field === field)
  return scheduleFaults(name, change).flatMap(detail => {
    const field = PREFIXES.find(([prefix]) => detail.startsWith(prefix))?.[1] ?? 'name'
    if (isKnown(field)) return []
    return [field === 'name' ? { field, key: 'name' } : { field, detail }]
  })
}

/** How the messages of `scheduleFaults` begin, and the fields that they concern. */
const PREFIXES: readonly (readonly [string, ScheduleField])[] = [
  ['name', 'name'],
  ['cron', 'crons'],
  ['time zone', 'zone'],
  ['filter', 'minScore'],
  ['minimum', 'minMessages'],
  ['spread', 'spread'],
]

import { unlessEnded } from '../../../../rules/settings/ended-pause.ts'
import { readAddresses } from '../../../../rules/settings/read-words.ts'
import type { SettingsChange } from '../../../../rules/settings/setting-faults.ts'
import {
  FOREVER,
  LOCK_FIELDS,
  type LockField,
  NOT_PAUSED,
  type ScopeSettings,
} from '../../../../rules/settings/setting-fields.ts'
import { firstShown, offsetAt } from '../../../../rules/time/local-time.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { zoneFault, zoneNamed } from '../frame/time-zones.ts'

/** The contents of the fields of the settings form. An empty text leaves it to the wider settings. */
export interface SettingsValues {
  readonly schedules: readonly string[]
  readonly language: string
  readonly timeZone: string
  readonly deliverTo: string
  readonly phrase: string
  /** Addresses, separated by commas or blanks. */
  readonly copyTo: string
  /** Whether there are no copies, whatever `copyTo` and the wider settings say. */
  readonly noCopies: boolean
  readonly pause: '' | 'no' | 'until' | 'forever'
  /** `2026-03-31` */
  readonly pauseUntil: string
  readonly enabled: '' | 'yes' | 'no'
  readonly leaveOutBlocked: '' | 'yes' | 'no'
  /** `own` if `locked` applies; empty to leave it to the wider settings. */
  readonly locks: '' | 'own'
  readonly locked: readonly LockField[]
}

export const SETTINGS_FIELDS = [
  'schedules',
  'language',
  'timeZone',
  'deliverTo',
  'copyTo',
  'phrase',
  'pauseUntil',
  'enabled',
  'locked',
] as const

export type SettingsField = (typeof SETTINGS_FIELDS)[number]

/** @param timeZone the one in which admins write days */
export function valuesOfSettings(
  own: ScopeSettings | undefined,
  now: number,
  timeZone: string,
): SettingsValues {
  const pausedUntil = unlessEnded(own?.pausedUntil ?? null, now)
  const pause = pauseOf(pausedUntil)
  return {
    schedules: own?.schedules ?? [],
    language: own?.language ?? '',
    timeZone: own?.timeZone ?? '',
    deliverTo: own?.deliverTo ?? '',
    phrase: own?.phrase ?? '',
    copyTo: own?.copyTo?.join(', ') ?? '',
    noCopies: own?.copyTo?.length === 0,
    pause,
    pauseUntil: pausedUntil !== null && pause === 'until' ? dayOf(pausedUntil, timeZone) : '',
    enabled: yesNo(own?.enabled ?? null),
    leaveOutBlocked: yesNo(own?.leaveOutBlocked ?? null),
    locks: own?.locked ? 'own' : '',
    locked: own?.locked ?? [],
  }
}

export function settingsValuesOfForm(form: URLSearchParams): SettingsValues {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const oneOf = <Value extends string>(name: string, values: readonly Value[]): Value | '' =>
    values.find(value => value === text(name)) ?? ''
  const locked = form.getAll('locked')
  return {
    schedules: form.getAll('schedule'),
    language: text('language'),
    timeZone: text('timeZone'),
    deliverTo: text('deliverTo'),
    phrase: text('phrase'),
    copyTo: text('copyTo'),
    noCopies: text('noCopies') === 'yes',
    pause: oneOf('pause', ['no', 'until', 'forever']),
    pauseUntil: text('pauseUntil'),
    enabled: oneOf('enabled', ['yes', 'no']),
    leaveOutBlocked: oneOf('leaveOutBlocked', ['yes', 'no']),
    locks: oneOf('locks', ['own']),
    locked: LOCK_FIELDS.filter(field => locked.includes(field)),
  }
}

/**
 * Reads the settings that the form asks for, and collects the fields that cannot be read.
 *
 * @param timeZone the one in which admins write days
 * @param currentPausedUntil when the saved pause ends: its time of day is kept as long as the day stays the same
 */
export function readSettings(
  values: SettingsValues,
  now: number,
  timeZone: string,
  currentPausedUntil: number | null,
): { readonly change: SettingsChange; readonly faults: readonly FieldFault<SettingsField>[] } {
  const faults: FieldFault<SettingsField>[] = []
  const zone = values.timeZone === '' ? null : zoneNamed(values.timeZone)
  if (zone === undefined) faults.push(zoneFault('timeZone', values.timeZone))
  const pausedUntil = pausedUntilOf(values, now, timeZone, currentPausedUntil)
  if (pausedUntil === undefined) faults.push({ field: 'pauseUntil', key: 'noDay' })
  const change: SettingsChange = {
    schedules: values.schedules.length > 0 ? values.schedules : null,
    language: values.language || null,
    timeZone: zone,
    deliverTo: values.deliverTo || null,
    phrase: values.phrase || null,
    copyTo: copyToOf(values),
    pausedUntil,
    enabled: values.enabled === '' ? null : values.enabled === 'yes',
    leaveOutBlocked: values.leaveOutBlocked === '' ? null : values.leaveOutBlocked === 'yes',
    locked: values.locks === 'own' ? values.locked : null,
  }
  return { change, faults }
}

function copyToOf({ copyTo, noCopies }: SettingsValues): readonly string[] | null {
  if (noCopies) return []
  return copyTo === '' ? null : readAddresses(copyTo)
}

const yesNo = (value: boolean | null): '' | 'yes' | 'no' => (value === null ? '' : value ? 'yes' : 'no')

function pauseOf(pausedUntil: number | null): SettingsValues['pause'] {
  if (pausedUntil === null) return ''
  if (pausedUntil === NOT_PAUSED) return 'no'
  return pausedUntil >= FOREVER ? 'forever' : 'until'
}

/** When the pause ends: at the beginning of the day. Null if nothing is chosen; undefined for a day that is none. */
export function pausedUntilOf(
  { pause, pauseUntil }: SettingsValues,
  now: number,
  timeZone: string,
  current: number | null,
): number | null | undefined {
  switch (pause) {
    case '':
      return null
    case 'no':
      return NOT_PAUSED
    case 'forever':
      return FOREVER
    case 'until': {
      if (current && current < FOREVER && dayOf(current, timeZone) === pauseUntil) {
        return unlessEnded(current, now)
      }
      const midnight = /^\d{4}-\d{2}-\d{2}$/.test(pauseUntil) ? Date.parse(pauseUntil) : Number.NaN
      return Number.isNaN(midnight) ? undefined : firstShown(midnight, timeZone)
    }
  }
}

/** The day on which a moment lies, as `2026-03-31`. */
export const dayOf = (at: number, timeZone: string): string =>
  new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 10)

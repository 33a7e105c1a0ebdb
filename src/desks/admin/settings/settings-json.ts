import type { LockField, ScopeSettings, SettingFields } from '../../../rules/settings/setting-fields.ts'
import { pauseWord } from '../../../rules/settings/settings-words.ts'
import type { Explained, ReaderExplanation } from './explain-settings.ts'

/** What is set for one scope, as commands and the API show it; null: the wider scope decides. */
export interface SettingsJson {
  readonly scope: string
  readonly schedules: readonly string[] | null
  readonly language: string | null
  readonly timezone: string | null
  readonly deliverTo: string | null
  /** ISO 8601, `forever`, or `never`, which ends a pause of a wider scope. */
  readonly pausedUntil: string | null
  readonly on: boolean | null
  readonly locked: readonly LockName[] | null
  readonly phrase: string | null
  readonly copyTo: readonly string[] | null
  readonly leaveOutBlocked: boolean | null
  /** 0: nothing is set. */
  readonly version: number
  /** ISO 8601. */
  readonly updatedAt: string | null
}

export const settingsJson = (settings: ScopeSettings): SettingsJson => ({
  scope: settings.scope,
  ...fieldsJson(settings),
  version: settings.version,
  updatedAt: settings.version === 0 ? null : new Date(settings.updatedAt).toISOString(),
})

/** The JSON of a scope for which nothing is set. */
export const noSettingsJson = (scope: string): SettingsJson => ({
  scope,
  ...NOTHING,
  version: 0,
  updatedAt: null,
})

/** What holds for a reader, and where each value comes from. */
export const explanationJson = (explanation: ReaderExplanation) => ({
  scope: explanation.scope,
  own: explanation.own ? settingsJson(explanation.own) : null,
  schedules: sourced(explanation.schedules, names => names ?? null),
  language: sourced(explanation.language, tag => tag),
  timezone: sourced(explanation.timeZone, zone => zone),
  deliverTo: sourced(explanation.deliverTo, address => address ?? null),
  pausedUntil: sourced(explanation.pausedUntil, until => pauseWord(until ?? null)),
  on: sourced(explanation.enabled, enabled => enabled),
  locked: sourced(explanation.locked, namesOfLocks),
  phrase: sourced(explanation.phrase, phrase => phrase || null),
  copyTo: sourced(explanation.copyTo, addresses => addresses),
  leaveOutBlocked: sourced(explanation.leaveOutBlocked, isLeftOut => isLeftOut),
  paused: explanation.isPaused,
  held: explanation.held.map(({ name, enabled, next }) => ({ name, on: enabled, next: isoOrNull(next) })),
  missing: explanation.missing,
  warnings: [...explanation.warnings, ...(explanation.whyNone === undefined ? [] : [explanation.whyNone])],
  next: isoOrNull(explanation.next),
})

/** The names of the fields that can be locked. */
export const LOCK_NAMES = {
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliverTo',
  pause: 'pause',
} as const satisfies Record<LockField, string>

export type LockName = (typeof LOCK_NAMES)[LockField]

const fieldsJson = (fields: SettingFields) => ({
  schedules: fields.schedules,
  language: fields.language,
  timezone: fields.timeZone,
  deliverTo: fields.deliverTo,
  pausedUntil: pauseWord(fields.pausedUntil),
  on: fields.enabled,
  locked: fields.locked && namesOfLocks(fields.locked),
  phrase: fields.phrase,
  copyTo: fields.copyTo,
  leaveOutBlocked: fields.leaveOutBlocked,
})

const NOTHING = {
  schedules: null,
  language: null,
  timezone: null,
  deliverTo: null,
  pausedUntil: null,
  on: null,
  locked: null,
  phrase: null,
  copyTo: null,
  leaveOutBlocked: null,
} as const

const namesOfLocks = (locked: readonly LockField[]): LockName[] => locked.map(field => LOCK_NAMES[field])

const sourced = <Value, Json>({ value, from, scope }: Explained<Value>, json: (value: Value) => Json) => ({
  value: json(value),
  from,
  scope: scope ?? null,
})

const isoOrNull = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()

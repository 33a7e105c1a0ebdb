import { jsonList } from '../../ground/database/json-list.ts'
import { isLanguageTag } from '../../ground/i18n/language-tag.ts'
import { isTimeZone } from '../../ground/i18n/time-zone-name.ts'
import type { PreferenceTable } from '../../ground/state/state-tables.ts'
import { canonicalScope } from './scope.ts'

/** What a reader may be kept from changing. */
export const LOCK_FIELDS = ['schedules', 'language', 'timeZone', 'deliverTo', 'pause'] as const

export type LockField = (typeof LOCK_FIELDS)[number]

/** What is set for one reader, one domain or everybody; null: as the wider scope says. */
export interface SettingFields {
  /** Names of schedules. */
  readonly schedules: readonly string[] | null
  readonly language: string | null
  readonly timeZone: string | null
  /** Where the digests go; a reader's own address lifts a wider scope's. */
  readonly deliverTo: string | null
  /** Milliseconds since the epoch; `FOREVER`; `NOT_PAUSED` lifts a wider scope's pause. What has ended is none. */
  readonly pausedUntil: number | null
  readonly enabled: boolean | null
  /** What readers cannot change themselves. */
  readonly locked: readonly LockField[] | null
}

/** A row of settings. */
export interface ScopeSettings extends SettingFields {
  /** `alice@example.com`, `@example.com`, or `@` for everybody. */
  readonly scope: string
  /** Settings that somebody wrote under another spelling are never found: set again, they hold. */
  readonly isCanonical: boolean
  /** Changes with each change: who changes it says which one was looked at. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** The last millisecond of the year 9999: a pause that only a person ends. */
export const FOREVER = 253_402_300_799_999

/** In place of a pause: none, whatever the wider scope says. */
export const NOT_PAUSED = 0

/** What readers cannot change where nobody says otherwise. */
export const LOCKED_BY_STANDARD: readonly LockField[] = ['deliverTo']

/** Reads a row. What somebody wrote into it by hand and cannot be read counts as not set. */
export const scopeSettingsOf = (row: PreferenceTable): ScopeSettings => ({
  scope: row.scope,
  isCanonical: canonicalScope(row.scope) === row.scope,
  schedules: jsonList(row.schedules) ?? null,
  language: row.language !== null && isLanguageTag(row.language) ? row.language : null,
  timeZone: row.time_zone !== null && isTimeZone(row.time_zone) ? row.time_zone : null,
  deliverTo: row.deliver_to,
  pausedUntil: row.paused_until === null ? null : Number(row.paused_until),
  enabled: row.enabled === null ? null : row.enabled !== 0,
  locked: jsonList(row.locked)?.filter(isLockField) ?? null,
  version: row.version,
  updatedAt: Number(row.updated_at),
})

const isLockField = (text: string): text is LockField => (LOCK_FIELDS as readonly string[]).includes(text)

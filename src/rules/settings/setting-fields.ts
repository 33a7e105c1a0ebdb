import { jsonList } from '../../ground/database/json-list.ts'
import { displayText } from '../../ground/display/text.ts'
import { isLanguageTag } from '../../ground/i18n/language-tag.ts'
import { storedTimeZone } from '../../ground/i18n/time-zone-name.ts'
import type { PreferenceTable } from '../../ground/state/state-tables.ts'
import { canonicalScope } from './scope.ts'

/** What a reader may be kept from changing. */
export const LOCK_FIELDS = ['schedules', 'language', 'timeZone', 'deliverTo', 'pause'] as const

export type LockField = (typeof LOCK_FIELDS)[number]

/** What is set for one reader, one domain or everybody. Null: not set, so the wider scope decides. */
export interface SettingFields {
  /** Names of schedules. */
  readonly schedules: readonly string[] | null
  readonly language: string | null
  readonly timeZone: string | null
  /** Where the digests go. A reader's own address overrides a wider scope's. */
  readonly deliverTo: string | null
  /** Milliseconds since the epoch, or `FOREVER`; a past time is no pause. `NOT_PAUSED` lifts a wider scope's pause. */
  readonly pausedUntil: number | null
  readonly enabled: boolean | null
  /** What readers cannot change themselves. */
  readonly locked: readonly LockField[] | null
  /** The words by which a reader knows that a digest is genuine. Shown in it and on its pages, never in a link. */
  readonly phrase: string | null
  /** Who gets a copy of each digest, at most `MOST_COPIES`. Empty: nobody, whatever the wider scope says. */
  readonly copyTo: readonly string[] | null
  /** Whether digests leave out mail that is held because its sender is on a block list. */
  readonly leaveOutBlocked: boolean | null
}

/** A copy is a mail of its own. More of them are a mailing list, which a mail system has better means for. */
export const MOST_COPIES = 5

/** Where they stand in a row. */
export const SETTING_COLUMNS = [
  'schedules',
  'language',
  'time_zone',
  'deliver_to',
  'paused_until',
  'enabled',
  'locked',
  'phrase',
  'copy_to',
  'leave_out_blocked',
] as const satisfies readonly (keyof PreferenceTable)[]

/** A row of settings. */
export interface ScopeSettings extends SettingFields {
  /** `alice@example.com`, `@example.com`, or `@` for everybody. */
  readonly scope: string
  /** False for a row written by hand under another spelling. It is never found; setting it again corrects that. */
  readonly isCanonical: boolean
  /** Differs after each change. An editor names the version they saw, so that nobody overwrites a change unseen. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** The last millisecond of the year 9999: a pause that only a person ends. */
export const FOREVER = 253_402_300_799_999

/** Stands in place of a pause: not paused, whatever the wider scope says. */
export const NOT_PAUSED = 0

/** What readers cannot change unless an admin decides otherwise. */
export const LOCKED_BY_STANDARD: readonly LockField[] = ['deliverTo']

/** Reads a row. A value that somebody wrote by hand and that cannot be read counts as not set. */
export const scopeSettingsOf = (row: PreferenceTable): ScopeSettings => ({
  scope: row.scope,
  isCanonical: canonicalScope(row.scope) === row.scope,
  schedules: jsonList(row.schedules) ?? null,
  language: row.language !== null && isLanguageTag(row.language) ? row.language : null,
  timeZone: row.time_zone !== null && storedTimeZone(row.time_zone) !== undefined ? row.time_zone : null,
  deliverTo: row.deliver_to,
  pausedUntil: row.paused_until === null ? null : Number(row.paused_until),
  enabled: row.enabled === null ? null : row.enabled !== 0,
  locked: jsonList(row.locked)?.filter(isLockField) ?? null,
  phrase: row.phrase === null ? null : cleanPhrase(row.phrase) || null,
  copyTo: jsonList(row.copy_to)?.slice(0, MOST_COPIES) ?? null,
  leaveOutBlocked: row.leave_out_blocked === null ? null : Number(row.leave_out_blocked) !== 0,
  version: row.version,
  updatedAt: Number(row.updated_at),
})

/** The characters of a phrase at most: it stands in one line. */
export const LONGEST_PHRASE = 60

/** A phrase without hidden characters, in one line and bounded. */
export const cleanPhrase = (text: string): string => displayText(text, LONGEST_PHRASE)

const isLockField = (text: string): text is LockField => (LOCK_FIELDS as readonly string[]).includes(text)

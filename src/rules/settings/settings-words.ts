import { FOREVER, type LockField, NOT_PAUSED, type SettingFields } from './setting-fields.ts'

/** Each setting as name and value, for people, files and the audit; "-" when it is not set. */
export function settingWords(fields: SettingFields): (readonly [name: string, words: string])[] {
  return [
    ['schedules', fields.schedules?.join(' ') ?? '-'],
    ['language', fields.language ?? '-'],
    ['timezone', fields.timeZone ?? '-'],
    ['deliver-to', fields.deliverTo ?? '-'],
    ['paused until', pauseWord(fields.pausedUntil) ?? '-'],
    ['on', fields.enabled === null ? '-' : onWord(fields.enabled)],
    ['locked', fields.locked === null ? '-' : lockWords(fields.locked)],
    // Its text helps an imitation, so it stays out of the audit and of logs.
    ['phrase', fields.phrase === null ? '-' : 'set'],
    ['copy-to', fields.copyTo === null ? '-' : copyWords(fields.copyTo)],
    ['leave-out-blocked', fields.leaveOutBlocked === null ? '-' : onWord(fields.leaveOutBlocked)],
  ]
}

/** Addresses separated by commas, because a quoted local part may have a blank; or `nobody`. */
export const copyWords = (copyTo: readonly string[]): string => copyTo.join(', ') || NOBODY

/** Stands for an empty list of addresses. */
export const NOBODY = 'nobody'

/** A pause as scripts and files write it: an ISO 8601 time, `forever`, or `never`; null when it is not set. */
export function pauseWord(pausedUntil: number | null): string | null {
  if (pausedUntil === null) return null
  if (pausedUntil >= FOREVER) return 'forever'
  return pausedUntil <= NOT_PAUSED ? 'never' : new Date(pausedUntil).toISOString()
}

export const onWord = (enabled: boolean): string => (enabled ? 'on' : 'off')

/** The words of `--lock`, or `nothing`. */
export const lockWords = (locked: readonly LockField[]): string =>
  locked.length === 0 ? 'nothing' : locked.map(field => LOCK_WORDS[field]).join(' ')

/** What the fields that can be locked are called on the command line and in files. */
export const LOCK_WORDS: Readonly<Record<LockField, string>> = {
  schedules: 'schedule',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliver-to',
  pause: 'pause',
}

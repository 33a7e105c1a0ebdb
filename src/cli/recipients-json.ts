import type { Explained, ReaderExplanation } from '../preferences/explain-settings.ts'
import type { LockField, ScopeSettings } from '../preferences/scope-settings.ts'
import { pauseWord } from '../preferences/settings-words.ts'

/** What is set for a scope as scripts get it: null for what is not. Names are stable. */
export const settingsJson = (settings: ScopeSettings) => ({
  scope: settings.scope,
  schedules: settings.schedules,
  language: settings.language,
  timezone: settings.timeZone,
  deliverTo: settings.deliverTo,
  pausedUntil: pauseWord(settings.pausedUntil),
  on: settings.enabled,
  locked: settings.locked && lockNames(settings.locked),
  version: settings.version,
  updatedAt: iso(settings.updatedAt),
  ...(settings.isCanonical ? {} : { unused: true }),
})

/** Which value holds, and where it comes from. */
export const explanationJson = (explained: ReaderExplanation) => ({
  scope: explained.scope,
  version: explained.own?.version ?? 0,
  schedules: withValue(
    explained.schedules,
    explained.schedules.value ?? explained.held.map(({ name }) => name),
  ),
  language: withValue(explained.language, explained.language.value),
  timezone: withValue(explained.timeZone, explained.timeZone.value),
  deliverTo: withValue(explained.deliverTo, explained.deliverTo.value ?? null),
  pausedUntil: withValue(
    explained.pausedUntil,
    explained.isPaused ? pauseWord(explained.pausedUntil.value ?? null) : null,
  ),
  on: withValue(explained.enabled, explained.enabled.value),
  locked: withValue(explained.locked, lockNames(explained.locked.value)),
  held: explained.held.map(({ name, enabled, next }) => ({
    name,
    on: enabled,
    next: next === undefined ? null : iso(next),
  })),
  missing: explained.missing,
  next: explained.next === undefined ? null : iso(explained.next),
})

/** `scope` is null for the standard. */
const withValue = <Value>({ from, scope }: Explained<unknown>, value: Value) => ({
  value,
  from,
  scope: scope ?? null,
})

/** As the other settings are called here. */
const lockNames = (locked: readonly LockField[]): string[] =>
  locked.map(field => (field === 'timeZone' ? 'timezone' : field))

const iso = (time: number): string => new Date(time).toISOString()

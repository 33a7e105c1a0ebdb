import { timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import { effectiveSettings, type StandardSettings } from './reader-settings.ts'
import { layersOf } from './scope.ts'
import type { SettingsChange } from './setting-faults.ts'
import { LOCK_FIELDS, type LockField, type SettingFields } from './setting-fields.ts'

/** A wish to change the settings of a scope. Some parts depend on the settings in effect when it is carried out. */
export interface SettingsWish extends SettingsChange {
  /** Gives the end of a pause in the scope's time zone. Replaces `pausedUntil`. */
  readonly pauseUntil?: ((timeZone: string) => number) | undefined
  /** Fields to lock, in addition to those that are locked. */
  readonly lock?: readonly LockField[] | undefined
  /** Fields to unlock. */
  readonly unlock?: readonly LockField[] | undefined
  /** A time zone to set for the scope if none is set for it or for a wider scope. */
  readonly timeZoneIfNone?: string | undefined
}

/** The scope that a wish is about, with its present settings. */
export interface WishedFor {
  /** In canonical form. */
  readonly scope: string
  /** The settings of the scope and of the wider ones. */
  readonly rows: ReadonlyMap<string, SettingFields>
  readonly standard: StandardSettings
}

/** The change that fulfils a wish, given the settings in effect now. */
export function changeOfWish(wish: SettingsWish, about: WishedFor): SettingsChange {
  const { pauseUntil, lock, unlock, timeZoneIfNone, ...change } = wish
  return {
    ...change,
    timeZone: timeZoneIfNone !== undefined && !isZoneSet(about) ? timeZoneIfNone : change.timeZone,
    pausedUntil: pauseUntil ? pauseUntil(zoneOf(change, about)) : change.pausedUntil,
    locked: lock || unlock ? locksOf(about, lock, unlock) : change.locked,
  }
}

const isZoneSet = ({ scope, rows }: WishedFor): boolean =>
  layersOf(scope).some(layer => (rows.get(layer)?.timeZone ?? null) !== null)

/** The time zone in effect after the change. If the change clears the scope's own zone, a wider scope's applies. */
function zoneOf({ timeZone }: SettingsChange, { scope, rows, standard }: WishedFor): string {
  const layers = layersOf(scope)
  const current = effectiveSettings(timeZone === null ? layers.slice(1) : layers, rows, standard).timeZone
  return timeZoneName(timeZone ?? current) ?? current
}

function locksOf(
  { scope, rows, standard }: WishedFor,
  lock: readonly LockField[] = [],
  unlock: readonly LockField[] = [],
): readonly LockField[] {
  const { locked } = effectiveSettings(layersOf(scope), rows, standard)
  return LOCK_FIELDS.filter(
    field => lock.includes(field) || (locked.includes(field) && !unlock.includes(field)),
  )
}

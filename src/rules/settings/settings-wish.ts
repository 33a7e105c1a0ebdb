import { timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import { effective, type StandardSettings } from './reader-settings.ts'
import { layersOf } from './scope.ts'
import type { SettingsChange } from './setting-faults.ts'
import { LOCK_FIELDS, type LockField, type SettingFields } from './setting-fields.ts'

/** What shall change for a scope. Some of it depends on what holds there when it is changed. */
export interface SettingsWish extends SettingsChange {
  /** The end of a pause by the clocks of a time zone, in place of `pausedUntil`. It is asked with the scope's zone. */
  readonly pauseUntil?: ((timeZone: string) => number) | undefined
  /** Locked in addition to what is locked. */
  readonly lock?: readonly LockField[] | undefined
  /** Locked no longer. */
  readonly unlock?: readonly LockField[] | undefined
  /** A time zone for the scope, unless one is set for it or for a wider scope. */
  readonly timeZoneIfNone?: string | undefined
}

/** What a wish is about. */
export interface WishedFor {
  /** In its one form. */
  readonly scope: string
  /** What is set for the scope and for the wider ones. */
  readonly rows: ReadonlyMap<string, SettingFields>
  readonly standard: StandardSettings
}

/** The change that fulfils a wish, by what holds now. */
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

/** The time zone that will hold. Where the scope's own one is taken away, that is the one of the wider scopes. */
function zoneOf({ timeZone }: SettingsChange, { scope, rows, standard }: WishedFor): string {
  const layers = layersOf(scope)
  const held = effective(timeZone === null ? layers.slice(1) : layers, rows, standard).timeZone
  return timeZoneName(timeZone ?? held) ?? held
}

function locksOf(
  { scope, rows, standard }: WishedFor,
  lock: readonly LockField[] = [],
  unlock: readonly LockField[] = [],
): readonly LockField[] {
  const { locked } = effective(layersOf(scope), rows, standard)
  return LOCK_FIELDS.filter(
    field => lock.includes(field) || (locked.includes(field) && !unlock.includes(field)),
  )
}

import type { Actor } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import {
  effectiveSettings,
  type ReaderSettings,
  type StandardSettings,
} from '../../../rules/settings/reader-settings.ts'
import { layersOf } from '../../../rules/settings/scope.ts'
import {
  requireSettings,
  SettingFaults,
  type SettingsChange,
} from '../../../rules/settings/setting-faults.ts'
import type { LockField, SettingFields } from '../../../rules/settings/setting-fields.ts'
import { LOCK_WORDS } from '../../../rules/settings/settings-words.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { fieldsOf, type Layers, writeSettings } from '../../../work/settings/write-settings.ts'

export interface OwnSettingsDeps {
  readonly state: Database<StateTables>
  readonly standard: StandardSettings
  readonly locales: Pick<Locales, 'languages'>
  readonly clock: () => number
}

/** The settings that readers may change themselves. */
export type OwnChange = Pick<
  SettingsChange,
  'schedules' | 'language' | 'timeZone' | 'deliverTo' | 'pausedUntil' | 'phrase' | 'leaveOutBlocked'
>

/**
 * Changes a reader's own settings. The caller has made sure that the reader asked for it.
 *
 * @param check throws if the settings now in effect forbid the change
 * @throws CodedError SETTING_INVALID with all faults, SETTING_LOCKED
 */
export async function setOwnSettings(
  deps: OwnSettingsDeps,
  reader: string,
  change: OwnChange,
  remoteAddress: string | null,
  check?: (current: ReaderSettings) => void,
): Promise<ReaderSettings> {
  const now = deps.clock()
  const schedules = await listSchedules(deps.state)
  const { schedules: names, language, timeZone, deliverTo, pausedUntil, phrase, leaveOutBlocked } = change
  const own = { schedules: names, language, timeZone, deliverTo, pausedUntil, phrase, leaveOutBlocked }
  const checked = requireSettings(deps, reader, own, schedules)
  const actor: Actor = { kind: 'reader', name: reader, remoteAddress }
  const { after } = await writeSettings(deps.state, {
    scope: reader,
    changeOf: layers => {
      requireAllowed(deps, reader, checked, layers, schedules)
      check?.(effectiveSettings(layersOf(reader), layers, deps.standard))
      return checked
    },
    expected: undefined,
    actor,
    now,
  })
  return effectiveSettings(layersOf(reader), after, deps.standard)
}

/** @throws CodedError SETTING_LOCKED, SETTING_INVALID */
function requireAllowed(
  deps: OwnSettingsDeps,
  reader: string,
  change: SettingsChange,
  layers: Layers,
  schedules: readonly Schedule[],
): void {
  const current = effectiveSettings(layersOf(reader), layers, deps.standard)
  const row = fieldsOf(layers.get(reader))
  const locked = (Object.keys(OWN_FIELDS) as LockField[]).filter(field => {
    const key = OWN_FIELDS[field]
    return current.locked.includes(field) && isChange(row[key], change[key])
  })
  if (locked.length > 0) {
    const words = locked.map(field => LOCK_WORDS[field]).join(', ')
    throw new CodedError(
      'SETTING_LOCKED',
      `Your administrator decides this: ${words}. Nothing was changed; ask the administrator to change it.`,
    )
  }
  requireOffered(reader, change, current, schedules)
}

/** The setting that each lock protects. */
const OWN_FIELDS = {
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timeZone',
  deliverTo: 'deliverTo',
  pause: 'pausedUntil',
} as const satisfies Record<LockField, keyof SettingFields>

/** A form also submits the fields that stay as they are. */
const isChange = (old: unknown, wanted: unknown): boolean =>
  wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(old)

/** A schedule that the administrator has chosen for a reader may stay, even if it is not offered. */
function requireOffered(
  reader: string,
  change: SettingsChange,
  current: ReaderSettings,
  schedules: readonly Schedule[],
): void {
  const offered = schedules.filter(({ isOffered, enabled }) => isOffered && enabled).map(({ name }) => name)
  const refused = (change.schedules ?? []).filter(
    name => !offered.includes(name) && !current.schedules?.includes(name),
  )
  if (refused.length === 0) return
  const choice = offered.length === 0 ? 'none' : offered.join(', ')
  const message = `${refused.join(', ')} is not offered to readers; offered: ${choice}`
  throw new SettingFaults(reader, [{ field: 'schedules', message }])
}

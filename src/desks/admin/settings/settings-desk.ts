import { given } from '../../given.ts'
import { removeSettings, setSettings } from './change-settings.ts'
import { explainSettings } from './explain-settings.ts'
import { exportSettings } from './export-settings.ts'
import { importItems, importSettings } from './import-settings.ts'
import { findSettings, listSettings, walkSettings } from './list-settings.ts'
import { setOwnSchedule } from './own-schedule.ts'
import { setAndGive } from './set-and-give.ts'
import type { WithScheduleDeps } from './with-schedule.ts'

export type SettingsDeskDeps = WithScheduleDeps

/** What admins do with the settings of readers, domains and everybody. */
export const settingsDesk = (deps: SettingsDeskDeps) => ({
  list: given(deps, listSettings),
  walk: given(deps, walkSettings),
  find: given(deps, findSettings),
  explain: given(deps, explainSettings),
  set: given(deps, setSettings),
  remove: given(deps, removeSettings),
  setOwnSchedule: given(deps, setOwnSchedule),
  setAndGive: given(deps, setAndGive),
  importCsv: given(deps, importSettings),
  importItems: given(deps, importItems),
  exportCsv: given(deps, exportSettings),
})

export type SettingsDesk = ReturnType<typeof settingsDesk>

import { CsvFaults } from '../../../../desks/admin/settings/import-settings.ts'
import type { Column, CsvFault } from '../../../../desks/admin/settings/settings-csv.ts'
import { SettingFaults } from '../../../../rules/settings/setting-faults.ts'
import { type Fault, RequestFaults } from './request-faults.ts'

/** Returns every fault of the request with its place. Undefined if the error does not list them. */
export function faultsIn(error: unknown): readonly Fault[] | undefined {
  if (error instanceof RequestFaults) return error.faults
  if (error instanceof CsvFaults) return importFaults(error.faults)
  if (error instanceof SettingFaults) {
    return error.faults.map(({ field, message }) => ({ pointer: `#/${NAMES[field]}`, detail: message }))
  }
  return undefined
}

/** Returns the faults of the items of an import, with their places. */
export const importFaults = (faults: readonly CsvFault[]): { pointer: string; detail: string }[] =>
  faults.slice(0, MOST_SHOWN).map(({ line, column, message }) => ({
    pointer: `#/items/${line}${column === undefined ? '' : `/${ITEM_FIELDS[column]}`}`,
    detail: message,
  }))

const MOST_SHOWN = 1000

const NAMES = {
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliverTo',
  pausedUntil: 'pausedUntil',
  enabled: 'on',
  locked: 'locked',
  phrase: 'phrase',
  copyTo: 'copyTo',
  leaveOutBlocked: 'leaveOutBlocked',
} as const

/** The properties of an item, by the columns of a CSV file. */
export const ITEM_FIELDS = {
  scope: 'scope',
  schedules: 'schedules',
  language: 'language',
  timezone: 'timezone',
  deliver_to: 'deliverTo',
  paused_until: 'pausedUntil',
  on: 'on',
  locked: 'locked',
  phrase: 'phrase',
  copy_to: 'copyTo',
  leave_out_blocked: 'leaveOutBlocked',
  version: 'version',
} as const satisfies Record<Column, string>

import { CsvFaults } from '../../preferences/import-settings.ts'
import { SettingFaults } from '../../preferences/setting-faults.ts'
import type { CsvFault } from '../../preferences/settings-csv.ts'
import { type Fault, RequestFaults } from './request-faults.ts'

/** Where in the request each thing stands that is wrong with it; undefined for failures that do not say. */
export function faultsIn(error: unknown): readonly Fault[] | undefined {
  if (error instanceof RequestFaults) return error.faults
  if (error instanceof CsvFaults) return importFaults(error.faults)
  if (error instanceof SettingFaults) {
    return error.faults.map(({ field, message }) => ({ pointer: `#/${NAMES[field]}`, detail: message }))
  }
  return undefined
}

/** Those of the lines that an import was made into. */
export const importFaults = (faults: readonly CsvFault[]): { pointer: string; detail: string }[] =>
  faults.slice(0, MOST_SHOWN).map(({ line, column, message }) => ({
    pointer: `#/items/${line - FIRST_ITEM}${column === undefined ? '' : `/${COLUMNS[column]}`}`,
    detail: message,
  }))

const MOST_SHOWN = 1000

/** The line of the first item: before it stands the header. */
const FIRST_ITEM = 2

const NAMES = {
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliverTo',
  pausedUntil: 'pausedUntil',
  enabled: 'on',
  locked: 'locked',
} as const

const COLUMNS = {
  scope: 'scope',
  schedules: 'schedules',
  language: 'language',
  timezone: 'timezone',
  deliver_to: 'deliverTo',
  paused_until: 'pausedUntil',
  on: 'on',
  locked: 'locked',
} as const

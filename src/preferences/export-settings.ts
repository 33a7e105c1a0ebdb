import { stringify } from 'csv-stringify/sync'
import type { Reach } from '../admins/reach.ts'
import { type ListDeps, listSettings } from './list-settings.ts'
import { NOT_PAUSED, type SettingFields } from './scope-settings.ts'
import { CSV_HEADER, cellsOf } from './settings-csv.ts'

export interface ExportDeps extends ListDeps {
  readonly clock: () => number
}

/**
 * All settings as a CSV file that `importSettings` reads again, a page of it at a time. Settings under another spelling
 * than the one form, which hold for nobody, are left out.
 *
 * @param domains whose, with their readers; empty: all
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH
 */
export async function* exportSettings(
  deps: ExportDeps,
  reach: Reach,
  domains: readonly string[],
): AsyncGenerator<string> {
  yield stringify([CSV_HEADER])
  const now = deps.clock()
  let after: string | undefined
  do {
    const { rows, next } = await listSettings(deps, reach, { after, limit: PAGE, domains })
    const lines = rows.filter(row => row.isCanonical).map(row => cellsOf(row.scope, endedPause(row, now)))
    if (lines.length > 0) yield stringify(lines)
    after = next
  } while (after !== undefined)
}

const PAGE = 1000

/** A pause that has ended cannot be set again: it says that there is none. */
const endedPause = <Row extends SettingFields>(row: Row, now: number): Row =>
  row.pausedUntil !== null && row.pausedUntil <= now ? { ...row, pausedUntil: NOT_PAUSED } : row

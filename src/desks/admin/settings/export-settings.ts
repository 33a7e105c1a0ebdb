import { stringify } from 'csv-stringify/sync'
import type { Reach } from '../../../rules/reach/reach.ts'
import { isSettable } from '../../../rules/settings/scope.ts'
import { withoutEndedPause } from '../../../work/settings/write-settings.ts'
import { type ListDeps, walkSettings } from './list-settings.ts'
import { CSV_HEADER, cellsOf } from './settings-csv.ts'

export interface ExportDeps extends ListDeps {
  readonly clock: () => number
}

/**
 * All settings as a CSV file that `importSettings` reads again, a page of it at a time. Settings under another spelling
 * than the one form, which hold for nobody, are left out, and so are those of an address that nobody could set them for.
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
  for await (const rows of walkSettings(deps, reach, { domains })) {
    const lines = rows
      .filter(row => row.isCanonical && isSettable(row.scope))
      .map(row => cellsOf(row.scope, withoutEndedPause(row, now), row.version))
    if (lines.length > 0) yield stringify(lines)
  }
}

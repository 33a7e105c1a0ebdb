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
 * Writes all settings as a CSV file that `importSettings` can read, one page at a time. Left out are rows that somebody
 * wrote into the table by hand, if their scope is not canonical (they have no effect) or may not have settings.
 *
 * @param domains only these domains and their readers; empty: all
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

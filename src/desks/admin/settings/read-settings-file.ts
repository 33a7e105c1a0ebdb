import { chunks } from '../../../ground/database/chunks.ts'
import { CodedError } from '../../../ground/errors.ts'
import { timeZoneName } from '../../../ground/i18n/time-zone-name.ts'
import { isLocalTime } from '../../../rules/settings/read-words.ts'
import { canonicalScope, layersOf } from '../../../rules/settings/scope.ts'
import type { SettingRules } from '../../../rules/settings/setting-faults.ts'
import type { SettingFields } from '../../../rules/settings/setting-fields.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import type { SettingsDeps } from './change-settings.ts'
import { type CsvLine, csvLines } from './csv-lines.ts'
import {
  type Column,
  type CsvFault,
  type CsvRow,
  columnsOf,
  type ReadRow,
  readRow,
  rowOfCells,
} from './settings-csv.ts'

export interface SettingsFile {
  readonly read: (rules: SettingRules) => readonly ReadRow[]
  /** The faults of lines that cannot be read. */
  readonly faults: readonly CsvFault[]
  /** How many lines there are after the header, good or bad. */
  readonly count: number
}

/** Reads a CSV file. @throws CodedError CSV_INVALID when its first line is not a header */
export async function readSettingsFile(
  deps: Pick<SettingsDeps, 'state' | 'standard'>,
  input: AsyncIterable<Uint8Array>,
): Promise<SettingsFile> {
  const { rows, faults, count } = await readLines(input)
  const zoneOf = await zonesFor(deps, rows)
  return { read: rules => rows.map(row => readRow(row, rules, zoneOf(row))), faults, count }
}

/** The most lines in a file. A longer file is probably a mistake, and might not fit into memory. */
const MAX_LINES = 500_000

async function readLines(input: AsyncIterable<Uint8Array>) {
  const rows: CsvRow[] = []
  const faults: CsvFault[] = []
  let columns: readonly Column[] | undefined
  let count = 0
  for await (const line of csvLines(input)) {
    if (!columns) {
      columns = headerOf(line)
      continue
    }
    count += 1
    if (count > MAX_LINES) throw new CodedError('CSV_INVALID', TOO_MANY)
    const row = line.cells ? rowOfCells(line.number, line.cells, columns) : line.fault
    if (typeof row === 'string') faults.push({ line: line.number, column: undefined, message: row })
    else rows.push(row)
  }
  if (!columns)
    throw new CodedError('CSV_INVALID', 'the file is empty: expected a first line with the columns.')
  return { rows, faults, count }
}

const TOO_MANY = `The file has more than ${MAX_LINES} lines: split it into several files. None was applied.`

function headerOf({ number, cells, fault }: CsvLine): readonly Column[] {
  const columns = cells ? columnsOf(cells) : fault
  if (typeof columns !== 'string') return columns
  throw new CodedError('CSV_INVALID', `line ${number}: ${columns}. None was applied.`)
}

/**
 * Finds the time zone of a pause that is given in local time. For the scope first, then for the wider ones, that is the
 * zone in the file, or else the one that is set now.
 */
async function zonesFor(
  deps: Pick<SettingsDeps, 'state' | 'standard'>,
  rows: readonly CsvRow[],
): Promise<(row: CsvRow) => string> {
  const local = rows.filter(({ cells }) => isLocalTime(cells.paused_until ?? ''))
  const needed = new Set(local.flatMap(({ cells }) => layersIn(cells)))
  const stored = new Map<string, SettingFields>()
  for (const chunk of chunks([...needed])) {
    for (const [scope, row] of await readScopes(deps.state, chunk)) stored.set(scope, row)
  }
  const inFile = new Map(
    (needed.size > 0 ? rows : []).flatMap(({ cells }) => {
      const [scope] = layersIn(cells)
      return cells.timezone !== undefined && scope !== undefined && needed.has(scope)
        ? [[scope, timeZoneName(cells.timezone)] as const]
        : []
    }),
  )
  return ({ cells }) => {
    if (!isLocalTime(cells.paused_until ?? '')) return deps.standard.timeZone
    const zones = layersIn(cells).map(scope =>
      inFile.has(scope) ? inFile.get(scope) : (stored.get(scope)?.timeZone ?? undefined),
    )
    return zones.find(zone => zone !== undefined) ?? deps.standard.timeZone
  }
}

function layersIn({ scope: text = '' }: CsvRow['cells']): string[] {
  const scope = canonicalScope(text)
  return scope === undefined ? [] : layersOf(scope)
}

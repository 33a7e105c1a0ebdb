import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Editor, reaches } from '../../../rules/reach/reach.ts'
import { isReader } from '../../../rules/settings/scope.ts'
import type { SettingRules, SettingsChange } from '../../../rules/settings/setting-faults.ts'
import { isMove } from '../../../work/settings/destination-notices.ts'
import { keepSchedules } from '../../../work/settings/keep-schedules.ts'
import { movedDestinations, reportMovedDestinations } from '../../../work/settings/moved-destinations.ts'
import { listWarnings } from '../schedules/coverage-warnings.ts'
import { schedulesWithin } from '../schedules/schedules-within.ts'
import { type Applied, applySettings, type ImportRow, type Stale } from './apply-settings.ts'
import type { SettingsDeps } from './change-settings.ts'
import { readSettingsFile } from './read-settings-file.ts'
import { type Column, type CsvFault, checkRow, columnOf, faultText, type ReadRow } from './settings-csv.ts'

export interface ImportOptions {
  /** Applies the good rows even if there are bad ones. */
  readonly skipBad: boolean
  /** Applies nothing. */
  readonly dryRun: boolean
}

/** A change of the settings of one scope. */
export interface ImportItem {
  readonly scope: string
  readonly change: SettingsChange
  /** The version that was seen; 0: nothing was set; undefined: any. */
  readonly expected: number | undefined
}

export interface Imported {
  /** How many lines or items there are, good or bad. */
  readonly lines: number
  readonly set: number
  /** How many scopes are left without settings. */
  readonly removed: number
  readonly unchanged: number
  /** How many values of each setting this clears. */
  readonly cleared: Readonly<Partial<Record<Column, number>>>
  /** How many readers' digests go elsewhere than before. */
  readonly redirected: number
  readonly skipped: number
  readonly faults: readonly CsvFault[]
  /** Warnings, one sentence each, failed notifications included. */
  readonly warnings: readonly string[]
}

/** A file or list with faults. `faults` has them one by one, for callers that show them in their own way. */
export class CsvFaults extends CodedError {
  readonly faults: readonly CsvFault[]

  constructor(faults: readonly CsvFault[], { kind, count }: Pick<ImportSource, 'kind' | 'count'>) {
    const bad = `${badLines(faults).size} of ${count} ${kind} cannot be used; none was applied.`
    const message =
      kind === 'items'
        ? `${bad} Correct them (see "errors"), or apply the others with skipBad.`
        : [
            'the file has faults:',
            ...faults.map(faultText),
            `${bad} Correct them, or apply the others with --skip-bad.`,
          ].join('\n')
    super('CSV_INVALID', message)
    this.faults = faults
  }
}

/**
 * Changes the settings of the scopes in a CSV file. An empty cell clears a setting. Settings without a column stay, and
 * so do scopes that are not in the file. The import is one transaction: if it fails, nothing has changed. Afterwards,
 * those whose digests go elsewhere are told.
 *
 * @throws CodedError CSV_INVALID with all faults, unless bad lines are to be skipped
 */
export async function importSettings(
  deps: SettingsDeps,
  by: Editor,
  input: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Imported> {
  const file = await readSettingsFile(deps, input)
  return importRows(deps, by, { ...file, kind: 'lines' }, options)
}

/** As `importSettings`, for changes that have been read already. Faults count the items from 0. */
export async function importItems(
  deps: SettingsDeps,
  by: Editor,
  items: readonly ImportItem[],
  options: ImportOptions,
): Promise<Imported> {
  const read = (rules: SettingRules) => items.map((item, line) => checkRow({ ...item, line }, rules))
  return importRows(deps, by, { read, faults: [], count: items.length, kind: 'items' }, options)
}

interface ImportSource {
  readonly read: (rules: SettingRules) => readonly ReadRow[]
  /** The faults of lines that cannot be read. */
  readonly faults: readonly CsvFault[]
  readonly count: number
  readonly kind: 'lines' | 'items'
}

async function importRows(
  deps: SettingsDeps,
  by: Editor,
  source: ImportSource,
  { skipBad, dryRun }: ImportOptions,
): Promise<Imported> {
  const now = deps.clock()
  const schedules = await schedulesWithin(deps.state, by.reach)
  const names = schedules.map(({ name }) => name)
  const rows = source.read({ schedules: names, languages: deps.locales.languages, now })
  const faults = [
    ...source.faults,
    ...rows.flatMap(row => row.faults),
    ...duplicates(rows, source.kind),
    ...outOfReach(by, rows),
  ]
  const good = goodRows(rows, badLines(faults))
  const lists = good.flatMap(({ change }) => (change.schedules ? [change.schedules] : []))
  const rehearse = () => applySettings(deps.state, good, undefined, now)
  if (faults.length > 0 && !skipBad) throw csvFaults(faults, (await rehearse()).stale, source)
  const apply = async (state: Database<StateTables>) => {
    const applied = await applySettings(state, good, by, now)
    if (applied.stale.length > 0 && !skipBad) throw csvFaults([], applied.stale, source)
    await keepSchedules(deps.state, state.sql, new Set(lists.flat()))
    return applied
  }
  const applied = dryRun
    ? await rehearse()
    : await inTransaction(deps.state, sql => apply({ ...deps.state, sql }))
  if (applied.stale.length > 0 && !skipBad) throw csvFaults([], applied.stale, source)
  const all = [...faults, ...applied.stale.map(staleFault)].sort(byLine)
  const moved = await movedDestinations(deps.state, applied.moved)
  const notices = dryRun ? [] : await reportMovedDestinations(deps, by.actor, moved)
  return {
    ...counted(applied),
    lines: source.count,
    redirected: moved.filter(change => isReader(change.scope) && isMove(change)).length,
    skipped: badLines(all).size,
    faults: all,
    warnings: [...listWarnings(lists, schedules, deps.policies), ...notices],
  }
}

const badLines = (faults: readonly CsvFault[]): Set<number> => new Set(faults.map(({ line }) => line))

const byLine = (one: CsvFault, other: CsvFault): number => one.line - other.line

/** Sorted by scope: two imports at a time lock scopes in the same order, and cannot deadlock. */
const goodRows = (rows: readonly ReadRow[], bad: ReadonlySet<number>): ImportRow[] =>
  rows
    .flatMap(({ scope, ...row }) => (scope === undefined || bad.has(row.line) ? [] : [{ ...row, scope }]))
    .sort((a, b) => (a.scope < b.scope ? -1 : 1))

const csvFaults = (faults: readonly CsvFault[], stale: readonly Stale[], source: ImportSource): CsvFaults =>
  new CsvFaults([...faults, ...stale.map(staleFault)].sort(byLine), source)

function staleFault({ row: { line, scope, expected }, version }: Stale): CsvFault {
  const message = `${scope} was changed since it was read (version ${expected} then, ${version} now): look at it again, or leave its version out`
  return { line, column: 'version', message }
}

/** When several rows have the same scope, it is unclear which one is meant, so none of them can be used. */
function duplicates(rows: readonly ReadRow[], kind: ImportSource['kind']): CsvFault[] {
  const byScope = Map.groupBy(rows, ({ scope }) => scope)
  const place = (line: number) => (kind === 'lines' ? `line ${line}` : `#/items/${line}`)
  return [...byScope].flatMap(([scope, [first, second, ...others]]) => {
    if (scope === undefined || !first || !second) return []
    const fault = (line: number, other: number): CsvFault => ({
      line,
      column: 'scope',
      message: `${scope} is also in ${place(other)}; expected it once`,
    })
    return [fault(first.line, second.line), ...[second, ...others].map(({ line }) => fault(line, first.line))]
  })
}

function outOfReach({ reach }: Editor, rows: readonly ReadRow[]): CsvFault[] {
  return rows.flatMap(({ line, scope }) =>
    scope === undefined || reaches(reach, scope)
      ? []
      : [{ line, column: 'scope', message: `${scope} is not in a domain that you look after` }],
  )
}

const counted = ({ set, removed, unchanged, cleared }: Applied) => ({
  set,
  removed,
  unchanged,
  cleared: Object.fromEntries(Object.entries(cleared).map(([field, count]) => [columnOf(field), count])),
})

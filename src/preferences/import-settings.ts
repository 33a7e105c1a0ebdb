import { type Editor, reaches } from '../admins/reach.ts'
import { recordAudits } from '../audit/record.ts'
import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import type { PreferenceTable, StateTables } from '../database/state-tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { schedulesWithin } from '../desk/schedules-within.ts'
import { CodedError } from '../errors.ts'
import { listWarnings } from '../schedule/coverage-warnings.ts'
import { type SettingsDeps, tellOfDestinations } from './change-settings.ts'
import { type CsvLine, csvLines } from './csv-lines.ts'
import type { DestinationChange } from './destination-notices.ts'
import { keepSchedules } from './keep-schedules.ts'
import { isLocalTime } from './read-words.ts'
import { canonicalScope, EVERYBODY, isReader, layersOf } from './scope.ts'
import type { SettingFields } from './scope-settings.ts'
import type { SettingRules } from './setting-faults.ts'
import { readScopes } from './settings.ts'
import {
  type Column,
  type CsvFault,
  type CsvRow,
  columnsOf,
  faultText,
  readRow,
  rowOfCells,
} from './settings-csv.ts'
import { timeZoneName } from './tags.ts'
import { difference, fieldsOf, firstVersion, isEmpty, isSame, rowOf, versionAfter } from './write-settings.ts'

export interface ImportOptions {
  /** Applies the good lines although there are bad ones. */
  readonly skipBad: boolean
  /** Applies nothing. */
  readonly dryRun: boolean
}

export interface Imported {
  /** With settings, good or bad. */
  readonly lines: number
  readonly set: number
  /** In which nothing was set any more. */
  readonly removed: number
  readonly unchanged: number
  /** Readers whose digests go elsewhere than before. */
  readonly redirected: number
  readonly skipped: number
  readonly faults: readonly CsvFault[]
  /** Sentences: what may not have been meant, and who could not be told. */
  readonly warnings: readonly string[]
}

/** A file with faults; each by itself for those who show them otherwise. */
export class CsvFaults extends CodedError {
  readonly faults: readonly CsvFault[]

  constructor(faults: readonly CsvFault[], lines: number) {
    const bad = badLines(faults)
    const end = `${bad} of ${lines} lines cannot be used; none was applied. Correct them, or apply the others with --skip-bad.`
    super('CSV_INVALID', ['the file has faults:', ...faults.map(faultText), end].join('\n'))
    this.faults = faults
  }
}

/**
 * Replaces the settings of each scope in a CSV file as a whole; scopes that are not in it stay. All of it is one
 * transaction: when it fails, nothing has changed. Afterwards those are told whose digests go elsewhere.
 *
 * @throws CodedError CSV_INVALID with all faults, unless bad lines are to be skipped
 */
export async function importSettings(
  deps: SettingsDeps,
  by: Editor,
  input: AsyncIterable<Uint8Array>,
  { skipBad, dryRun }: ImportOptions,
): Promise<Imported> {
  const now = deps.clock()
  const file = await readFile(input)
  const schedules = await schedulesWithin(deps.state, by.reach)
  const names = schedules.map(({ name }) => name)
  const rules = { schedules: names, languages: deps.locales.languages, now }
  const read = readRows(file.rows, rules, await zonesFor(deps, file.rows))
  const faults = [...file.faults, ...read.faults, ...outOfReach(by, read.good)].sort(
    (a, b) => a.line - b.line,
  )
  if (faults.length > 0 && !skipBad) throw new CsvFaults(faults, file.lines)
  const bad = new Set(faults.map(({ line }) => line))
  const good = read.good.filter(({ line }) => !bad.has(line))
  // In one order, whoever imports: two at the same time then wait for each other once.
  good.sort((a, b) => (a.scope < b.scope ? -1 : 1))
  const lists = good.flatMap(({ fields }) => (fields.schedules ? [fields.schedules] : []))
  const { moved, ...applied } = dryRun
    ? await apply(deps.state, good, undefined, now)
    : await inTransaction(deps.state, async sql => {
        await keepSchedules(deps.state, sql, new Set(lists.flat()))
        return apply({ ...deps.state, sql }, good, by, now)
      })
  const told = dryRun ? [] : await tellOfDestinations(deps, by.actor, await destinationsOf(deps, moved))
  const warnings = [...listWarnings(lists, schedules, deps.policies), ...told]
  return { ...applied, lines: file.lines, skipped: bad.size, faults, warnings }
}

interface GoodRow {
  readonly line: number
  readonly scope: string
  readonly fields: SettingFields
}

const badLines = (faults: readonly CsvFault[]): number => new Set(faults.map(({ line }) => line)).size

/** Lines of a file; a bigger one is an accident, and would not fit into the memory. */
const MOST_LINES = 500_000

/** @throws CodedError CSV_INVALID when the header is not one */
async function readFile(input: AsyncIterable<Uint8Array>) {
  const rows: CsvRow[] = []
  const faults: CsvFault[] = []
  let columns: readonly Column[] | undefined
  let lines = 0
  for await (const line of csvLines(input)) {
    if (!columns) {
      columns = headerOf(line)
      continue
    }
    lines += 1
    if (lines > MOST_LINES) throw new CodedError('CSV_INVALID', TOO_MANY)
    const row = line.cells ? rowOfCells(line.number, line.cells, columns) : line.fault
    if (typeof row === 'string') faults.push({ line: line.number, column: undefined, message: row })
    else rows.push(row)
  }
  if (!columns)
    throw new CodedError('CSV_INVALID', 'the file is empty: expected a first line with the columns.')
  return { rows, faults, lines }
}

const TOO_MANY = `The file has more than ${MOST_LINES} lines: cut it into several ones. None was applied.`

function headerOf({ number, cells, fault }: CsvLine): readonly Column[] {
  const columns = cells ? columnsOf(cells) : fault
  if (typeof columns !== 'string') return columns
  throw new CodedError('CSV_INVALID', `line ${number}: ${columns}. None was applied.`)
}

/** By which clocks a pause is meant: those of the row, the file's wider rows, or of what is set for these now. */
async function zonesFor(
  deps: SettingsDeps,
  rows: readonly CsvRow[],
): Promise<(row: CsvRow, scope: string) => string> {
  const local = rows.filter(({ cells }) => isLocalTime(cells.paused_until ?? ''))
  const wide = new Set(local.flatMap(({ cells }) => wider(canonicalScope(cells.scope ?? ''))))
  const known = new Map<string, SettingFields>()
  for (const some of chunks([...wide])) {
    for (const [scope, row] of await readScopes(deps.state, some)) known.set(scope, row)
  }
  const inFile = new Map(
    rows.flatMap(({ cells }) => {
      const scope = canonicalScope(cells.scope ?? '')
      return scope !== undefined && wide.has(scope)
        ? [[scope, timeZoneName(cells.timezone ?? '')] as const]
        : []
    }),
  )
  return ({ cells }, scope) => {
    const own = timeZoneName(cells.timezone ?? '')
    if (own !== undefined) return own
    const zones = wider(scope).map(layer =>
      inFile.has(layer) ? inFile.get(layer) : (known.get(layer)?.timeZone ?? undefined),
    )
    return zones.find(zone => zone !== undefined) ?? deps.standard.timeZone
  }
}

const wider = (scope: string | undefined): string[] => (scope === undefined ? [] : layersOf(scope).slice(1))

function readRows(
  rows: readonly CsvRow[],
  rules: SettingRules,
  zoneOf: (row: CsvRow, scope: string) => string,
): { readonly good: GoodRow[]; readonly faults: CsvFault[] } {
  const good: GoodRow[] = []
  const faults: CsvFault[] = []
  const lines = new Map<string, { readonly line: number; isTwice: boolean }>()
  for (const row of rows) {
    const read = readRow(row, rules, zoneOf(row, canonicalScope(row.cells.scope ?? '') ?? EVERYBODY))
    faults.push(...read.faults)
    if (read.scope === undefined) continue
    const first = lines.get(read.scope)
    if (first) {
      faults.push(twice(row.line, read.scope, first.line))
      if (!first.isTwice) faults.push(twice(first.line, read.scope, row.line))
      first.isTwice = true
    } else lines.set(read.scope, { line: row.line, isTwice: false })
    if (read.faults.length === 0) good.push({ line: row.line, scope: read.scope, fields: read.fields })
  }
  return { good, faults }
}

/** Which of the lines is meant, nobody knows: neither can be used. */
const twice = (line: number, scope: string, other: number): CsvFault => ({
  line,
  column: 'scope',
  message: `${scope} stands in line ${other} too; expected it once`,
})

function outOfReach({ reach }: Editor, rows: readonly GoodRow[]): CsvFault[] {
  return rows
    .filter(({ scope }) => !reaches(reach, scope))
    .map(({ line, scope }) => ({
      line,
      column: 'scope',
      message: `${scope} is not in a domain that you look after`,
    }))
}

interface Applied extends Pick<Imported, 'set' | 'removed' | 'unchanged' | 'redirected'> {
  readonly moved: readonly Moved[]
}

/** A row that names another destination than before; null: none. */
interface Moved {
  readonly scope: string
  readonly before: string | null
  readonly after: string | null
}

/** @param by undefined: nothing is written */
async function apply(
  state: Database<StateTables>,
  rows: readonly GoodRow[],
  by: Editor | undefined,
  now: number,
): Promise<Applied> {
  const applied = { set: 0, removed: 0, unchanged: 0, redirected: 0 }
  const moved: Moved[] = []
  for (const some of chunks(rows)) {
    const scopes = some.map(({ scope }) => scope)
    if (by) await hold(state, scopes, now)
    const before = await readScopes(state, scopes)
    const changed = some.filter(({ scope, fields }) => !isSame(before.get(scope), fields))
    const empty = changed.filter(({ fields }) => isEmpty(fields))
    applied.unchanged += some.length - changed.length
    applied.removed += empty.length
    applied.set += changed.length - empty.length
    const others = changed
      .map(({ scope, fields }) => ({
        scope,
        before: before.get(scope)?.deliverTo ?? null,
        after: fields.deliverTo,
      }))
      .filter(({ before, after }) => before !== after)
    applied.redirected += others.filter(({ scope }) => isReader(scope)).length
    moved.push(...others)
    if (!by) continue
    await remove(
      state,
      some.filter(({ fields }) => isEmpty(fields)),
    )
    await set(
      state,
      changed.filter(({ fields }) => !isEmpty(fields)),
      before,
      now,
    )
    await recordAudits(
      state,
      changed.map(({ scope, fields }) => ({
        actor: by.actor,
        action: isEmpty(fields) ? 'settings-remove' : 'settings-set',
        recipient: scope,
        outcome: 'done',
        detail: difference(before.get(scope), fields),
      })),
      now,
    )
  }
  return { ...applied, moved }
}

/** Where digests went and go, by all that is set now, and was before these rows changed. */
async function destinationsOf(deps: SettingsDeps, moved: readonly Moved[]): Promise<DestinationChange[]> {
  const now = new Map<string, string | null>()
  for (const some of chunks([...new Set(moved.flatMap(({ scope }) => layersOf(scope).slice(1)))])) {
    for (const [scope, { deliverTo }] of await readScopes(deps.state, some)) now.set(scope, deliverTo)
  }
  const then = new Map(now)
  for (const { scope, before, after } of moved) {
    now.set(scope, after)
    then.set(scope, before)
  }
  const first = (scope: string, rows: typeof now) =>
    layersOf(scope).flatMap(layer => rows.get(layer) ?? [])[0]
  return moved.map(({ scope }) => ({ scope, from: first(scope, then), to: first(scope, now) }))
}

/**
 * Makes sure that there is a row of each scope, and locks it until the end of the transaction, in whichever database:
 * who changes one of them at the same time has done so before it is read, or finds another version afterwards.
 */
async function hold(state: Database<StateTables>, scopes: readonly string[], now: number): Promise<void> {
  const version = firstVersion() - 1
  const rows = scopes.map(scope =>
    rowOf({ ...fieldsOf(undefined), scope, isCanonical: true, version, updatedAt: now }),
  )
  const insert = state.sql.insertInto('digest_preference').values(rows)
  await state.dialect.insertOrUpdate(insert, ['scope'], ['scope']).execute()
}

async function remove(state: Database<StateTables>, rows: readonly GoodRow[]): Promise<void> {
  if (rows.length === 0) return
  const scopes = rows.map(({ scope }) => scope)
  await state.sql.deleteFrom('digest_preference').where('scope', 'in', scopes).execute()
}

async function set(
  state: Database<StateTables>,
  rows: readonly GoodRow[],
  before: Awaited<ReturnType<typeof readScopes>>,
  now: number,
): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map(({ scope, fields }) =>
    rowOf({
      ...fields,
      scope,
      isCanonical: true,
      version: versionAfter(before.get(scope)),
      updatedAt: now,
    }),
  )
  const [kept, others] = partition(
    values,
    ({ scope, time_zone: zone }) => (before.get(scope)?.timeZone ?? null) === zone,
  )
  await write(state, kept, COLUMNS)
  await write(state, others, [...COLUMNS, 'zone_since'])
}

async function write(
  { sql, dialect }: Database<StateTables>,
  values: readonly PreferenceTable[],
  columns: readonly (keyof PreferenceTable)[],
): Promise<void> {
  if (values.length === 0) return
  const insert = sql.insertInto('digest_preference').values(values)
  await dialect.insertOrUpdate(insert, ['scope'], columns).execute()
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  const { true: first = [], false: second = [] } = Object.groupBy(all, one => `${isFirst(one)}` as const)
  return [first, second]
}

const COLUMNS = [
  'schedules',
  'language',
  'time_zone',
  'deliver_to',
  'paused_until',
  'enabled',
  'locked',
  'version',
  'updated_at',
] as const

import { EXPECTED_LOCKS, EXPECTED_PAUSE, readList, readLocks, readOn, readPause } from './read-words.ts'
import { canonicalScope, EXPECTED_SCOPE } from './scope.ts'
import type { SettingFields } from './scope-settings.ts'
import { checkChange, type SettingRules } from './setting-faults.ts'
import { lockWords, onWord, pauseWord } from './settings-words.ts'

/** The columns of a file with settings, by what they hold. */
const COLUMNS = {
  scope: 'scope',
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliver_to',
  pausedUntil: 'paused_until',
  enabled: 'on',
  locked: 'locked',
} as const satisfies Record<'scope' | keyof SettingFields, string>

export const CSV_HEADER: readonly string[] = Object.values(COLUMNS)

export type Column = (typeof COLUMNS)[keyof typeof COLUMNS]

/** Something that is wrong with a line. */
export interface CsvFault {
  readonly line: number
  /** Undefined: the line as a whole. */
  readonly column: Column | undefined
  /** What is expected. */
  readonly message: string
}

/** A line whose cells are known by their columns. */
export interface CsvRow {
  readonly line: number
  readonly cells: Readonly<Partial<Record<Column, string>>>
}

/** Which column each cell belongs to; a text says what is wrong with the header. */
export function columnsOf(header: readonly string[]): Column[] | string {
  const names = header.map(name => name.trim().toLowerCase())
  const unknown = names.filter(name => !CSV_HEADER.includes(name))
  if (unknown.length > 0) {
    const hint = names.length === 1 && names[0]?.includes(';') ? ' (separated by commas, not semicolons)' : ''
    return `unknown column ${unknown.map(name => JSON.stringify(name.slice(0, 40))).join(', ')}; expected a first line with some of ${CSV_HEADER.join(',')}${hint}`
  }
  if (new Set(names).size < names.length) return 'a column stands there twice'
  if (!names.includes(COLUMNS.scope)) return `expected a column ${COLUMNS.scope}`
  return names as Column[]
}

/** The cells of a line without the blanks around them; a text says what is wrong with it. */
export function rowOfCells(
  line: number,
  cells: readonly string[],
  columns: readonly Column[],
): CsvRow | string {
  if (cells.length !== columns.length) return `expected ${columns.length} cells, found ${cells.length}`
  const named = columns.map((column, index) => [column, fromSafe((cells[index] ?? '').trim())] as const)
  return { line, cells: Object.fromEntries(named) }
}

/** What a row sets, and what is wrong with it. An empty cell is not set. */
export function readRow(
  { line, cells }: CsvRow,
  rules: SettingRules,
  timeZone: string,
): {
  readonly scope: string | undefined
  readonly fields: SettingFields
  readonly faults: readonly CsvFault[]
} {
  const faults: CsvFault[] = []
  const read = <Value>(column: Column, expected: string, reader: (cell: string) => Value | undefined) => {
    const cell = cells[column] ?? ''
    if (cell === '') return null
    const value = reader(cell)
    if (value === undefined) faults.push({ line, column, message: `${expected}, found ${quoted(cell)}` })
    return value ?? null
  }
  const scope = canonicalScope(cells.scope ?? '')
  if (scope === undefined) {
    faults.push({ line, column: 'scope', message: `${EXPECTED_SCOPE}, found ${quoted(cells.scope ?? '')}` })
  }
  const fields: SettingFields = {
    schedules: read(COLUMNS.schedules, '', readList),
    language: read(COLUMNS.language, '', String),
    timeZone: read(COLUMNS.timeZone, '', String),
    deliverTo: read(COLUMNS.deliverTo, '', String),
    pausedUntil: read(COLUMNS.pausedUntil, EXPECTED_PAUSE, cell => readPause(cell, timeZone, rules.now)),
    enabled: read(COLUMNS.enabled, 'expected on or off', readOn),
    locked: read(COLUMNS.locked, `${EXPECTED_LOCKS}, or nothing`, cell =>
      cell.toLowerCase() === NOTHING ? [] : readLocks(readList(cell)),
    ),
  }
  const checked = checkChange(fields, rules)
  faults.push(...checked.faults.map(({ field, message }) => ({ line, column: COLUMNS[field], message })))
  faults.sort((one, other) => positionOf(one) - positionOf(other))
  return { scope, fields: { ...fields, ...withoutUndefined(checked.change) }, faults }
}

const positionOf = ({ column }: CsvFault): number => CSV_HEADER.indexOf(column ?? '')

/** The cells of a row of settings, in the order of the header. */
export const cellsOf = (scope: string, fields: SettingFields): string[] =>
  [
    scope,
    fields.schedules?.join(' '),
    fields.language,
    fields.timeZone,
    fields.deliverTo,
    pauseWord(fields.pausedUntil),
    fields.enabled === null ? '' : onWord(fields.enabled),
    fields.locked && lockWords(fields.locked),
  ].map(cell => toSafe(cell ?? ''))

export const faultText = ({ line, column, message }: CsvFault): string =>
  `line ${line}: ${column === undefined ? '' : `${column}: `}${message}`

const NOTHING = lockWords([])

const withoutUndefined = (change: object): object =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

/**
 * A local part may begin with a sign that a spreadsheet takes for the begin of a formula: an apostrophe before it says
 * that it is text, and is taken away again where a file is read. A domain's or everybody's "@" stays as it is: what
 * follows it holds letters, digits, dots and dashes only, which is no formula that does anything.
 */
const toSafe = (cell: string): string => (/^'*[=+-]/.test(cell) ? `'${cell}` : cell)

const fromSafe = (cell: string): string => (/^'+[=+-]/.test(cell) ? cell.slice(1) : cell)

const quoted = (cell: string): string => JSON.stringify(cell.slice(0, 100))

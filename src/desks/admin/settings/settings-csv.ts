import { unlessEnded } from '../../../rules/settings/ended-pause.ts'
import {
  EXPECTED_LOCKS,
  EXPECTED_PAUSE,
  readAddresses,
  readList,
  readLocks,
  readOn,
  readPause,
} from '../../../rules/settings/read-words.ts'
import { canonicalScope, EXPECTED_SCOPE, isSettable } from '../../../rules/settings/scope.ts'
import {
  checkChange,
  type SettingRules,
  type SettingsChange,
} from '../../../rules/settings/setting-faults.ts'
import type { SettingFields } from '../../../rules/settings/setting-fields.ts'
import { copyWords, lockWords, onWord, pauseWord } from '../../../rules/settings/settings-words.ts'

/** The columns of a settings file, by field. */
const COLUMNS = {
  scope: 'scope',
  schedules: 'schedules',
  language: 'language',
  timeZone: 'timezone',
  deliverTo: 'deliver_to',
  pausedUntil: 'paused_until',
  enabled: 'on',
  locked: 'locked',
  phrase: 'phrase',
  copyTo: 'copy_to',
  leaveOutBlocked: 'leave_out_blocked',
  version: 'version',
} as const satisfies Record<'scope' | keyof SettingFields | 'version', string>

export const CSV_HEADER: readonly string[] = Object.values(COLUMNS)

export type Column = (typeof COLUMNS)[keyof typeof COLUMNS]

export const columnOf = (field: string): Column => COLUMNS[field as keyof typeof COLUMNS]

/** Something that is wrong with a line. */
export interface CsvFault {
  readonly line: number
  /** Undefined: the whole line. */
  readonly column: Column | undefined
  /** What was expected. */
  readonly message: string
}

/** A line with its cells by column. */
export interface CsvRow {
  readonly line: number
  readonly cells: Readonly<Partial<Record<Column, string>>>
}

/** The columns of a header, without empty ones at the end. A string is returned instead if the header has a fault. */
export function columnsOf(header: readonly string[]): Column[] | string {
  const all = header.map(name => name.trim().toLowerCase())
  const names = all.slice(0, all.findLastIndex(name => name !== '') + 1)
  const unknown = names.filter(name => !CSV_HEADER.includes(name))
  if (unknown.length > 0) {
    return `unknown column ${unknown.map(name => JSON.stringify(name.slice(0, 40))).join(', ')}; expected a first line with some of ${CSV_HEADER.join(',')}`
  }
  if (new Set(names).size < names.length) return 'a column appears twice'
  if (!names.includes(COLUMNS.scope)) return `expected a column ${COLUMNS.scope}`
  return names as Column[]
}

/** The trimmed cells of a line. A string is returned instead if the line has a fault. */
export function rowOfCells(
  line: number,
  cells: readonly string[],
  columns: readonly Column[],
): CsvRow | string {
  const isTooLong = cells.slice(columns.length).some(cell => cell.trim() !== '')
  if (cells.length < columns.length || isTooLong)
    return `expected ${columns.length} cells, found ${cells.length}`
  const named = columns.map(
    (column, index) => [column, fromSafe((cells[index] ?? '').trim(), column)] as const,
  )
  return { line, cells: Object.fromEntries(named) }
}

/** The change that a line or item asks for, and its faults. */
export interface ReadRow {
  readonly line: number
  /** Undefined when the scope is invalid. */
  readonly scope: string | undefined
  readonly change: SettingsChange
  readonly expected: number | undefined
  readonly faults: readonly CsvFault[]
}

/** Reads the change of a row. An empty cell clears a setting, as does an ended pause; what has no column stays. */
export function readRow({ line, cells }: CsvRow, rules: SettingRules, timeZone: string): ReadRow {
  const faults: CsvFault[] = []
  const read = <Value>(column: Column, expected: string, reader: (cell: string) => Value | undefined) => {
    const cell = cells[column]
    if (cell === undefined) return undefined
    if (cell === '') return null
    const value = reader(cell)
    if (value === undefined) faults.push({ line, column, message: `${expected}, found ${quoted(cell)}` })
    return value
  }
  const change: SettingsChange = {
    schedules: read(COLUMNS.schedules, '', readList),
    language: read(COLUMNS.language, '', String),
    timeZone: read(COLUMNS.timeZone, '', String),
    deliverTo: read(COLUMNS.deliverTo, '', String),
    pausedUntil: read(COLUMNS.pausedUntil, EXPECTED_PAUSE, cell => pauseOf(cell, timeZone, rules.now)),
    enabled: read(COLUMNS.enabled, 'expected on or off', readOn),
    locked: read(COLUMNS.locked, `${EXPECTED_LOCKS}, or nothing`, cell =>
      cell.toLowerCase() === NOTHING ? [] : readLocks(readList(cell)),
    ),
    phrase: read(COLUMNS.phrase, '', String),
    copyTo: read(COLUMNS.copyTo, '', readAddresses),
    leaveOutBlocked: read(COLUMNS.leaveOutBlocked, 'expected on or off', readOn),
  }
  const expected = read(COLUMNS.version, 'expected the version that "export" has written', versionOf)
  const checked = checkRow({ line, scope: cells.scope ?? '', change, expected: expected ?? undefined }, rules)
  return { ...checked, faults: [...faults, ...checked.faults].sort(byPosition) }
}

/** Brings a row into its canonical spelling, and finds all of its faults. */
export function checkRow(
  { line, scope: text, change, expected }: Omit<ReadRow, 'scope' | 'faults'> & { readonly scope: string },
  rules: SettingRules,
): ReadRow {
  const scope = canonicalScope(text)
  const isScope = scope !== undefined && isSettable(scope)
  const checked = checkChange(change, rules)
  const faults: CsvFault[] = [
    ...(isScope
      ? []
      : [{ line, column: COLUMNS.scope, message: `${EXPECTED_SCOPE}, found ${quoted(text)}` }]),
    ...checked.faults.map(({ field, message }) => ({ line, column: COLUMNS[field], message })),
  ]
  return { line, scope: isScope ? scope : undefined, change: checked.change, expected, faults }
}

function pauseOf(cell: string, timeZone: string, now: number): number | null | undefined {
  const until = readPause(cell, timeZone, now)
  return until === undefined ? undefined : unlessEnded(until, now)
}

const versionOf = (cell: string): number | undefined => (/^\d{1,10}$/.test(cell) ? Number(cell) : undefined)

const byPosition = (a: CsvFault, b: CsvFault): number => positionOf(a) - positionOf(b)

const positionOf = ({ column }: CsvFault): number => CSV_HEADER.indexOf(column ?? '')

/** The cells of a row of settings, in the order of the header. */
export const cellsOf = (scope: string, fields: SettingFields, version: number): string[] =>
  [
    scope,
    fields.schedules?.join(' '),
    fields.language,
    fields.timeZone,
    fields.deliverTo,
    pauseWord(fields.pausedUntil),
    fields.enabled === null ? '' : onWord(fields.enabled),
    fields.locked && lockWords(fields.locked),
    fields.phrase,
    fields.copyTo && copyWords(fields.copyTo),
    fields.leaveOutBlocked === null ? '' : onWord(fields.leaveOutBlocked),
    String(version),
  ].map((cell, index) => toSafe(cell ?? '', CSV_HEADER[index]))

export const faultText = ({ line, column, message }: CsvFault): string =>
  `line ${line}: ${column === undefined ? '' : `${column}: `}${message}`

const NOTHING = lockWords([])

/**
 * A local part may begin with a character that a spreadsheet takes for the start of a formula. An apostrophe before it
 * marks it as text, and is removed again when a file is read. Any words may follow the "@" of a phrase, so it is marked, too. The "@" of a domain or of everybody stays as it is: only
 * letters, digits, dots and dashes follow it, which make no formula that does anything.
 */
const toSafe = (cell: string, column?: string): string => (marked(column).test(cell) ? `'${cell}` : cell)

const fromSafe = (cell: string, column: Column): string =>
  cell.startsWith("'") && marked(column).test(cell) ? cell.slice(1) : cell

const marked = (column: string | undefined): RegExp => (column === COLUMNS.phrase ? /^'*[=+@-]/ : /^'*[=+-]/)

const quoted = (cell: string): string => JSON.stringify(cell.slice(0, 100))

/** What only a running Perl can know. */
export const UNKNOWN = Symbol('unknown')

/** Numbers are texts. Arrays and hashes stand for references too: two names may lead to the same one. */
export type Value = string | undefined | typeof UNKNOWN | Value[] | Hash

export type Hash = Map<string, Cell>

/** A place for a value. */
export interface Cell {
  value: Value
  /** Whether the value holds in any case; it does not after a condition that cannot be decided. */
  isSure: boolean
  /** Where it was set last; undefined for a default. */
  file: string | undefined
}

/** @returns undefined if it cannot be known */
export function truthOf(value: Value): boolean | undefined {
  if (value === UNKNOWN) return undefined
  return typeof value === 'string' ? value !== '' && value !== '0' : value !== undefined
}

export function textOf(value: Value): string | typeof UNKNOWN {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : UNKNOWN
}

export const perlBoolean = (isTrue: boolean): string => (isTrue ? '1' : '')

/** Several texts as one. A text that doubles itself again and again is given up. */
export function joined(values: readonly Value[], between = ''): Value {
  const texts = values.map(textOf)
  if (!texts.every(text => typeof text === 'string')) return UNKNOWN
  const text = texts.join(between)
  return text.length > LONGEST ? UNKNOWN : text
}

/** More than any value of a configuration has, in characters or elements. */
export const LONGEST = 10_000

/** @returns the value of an operator that reads two values and changes nothing */
export function operated(operator: string, left: Value, right: Value): Value {
  const a = textOf(left)
  const b = textOf(right)
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN
  const compare = COMPARISONS[operator]
  if (compare) return perlBoolean(compare(a, b))
  const calculate = CALCULATIONS[operator]
  if (!calculate) return operator === '.' ? joined([a, b]) : UNKNOWN
  const result = calculate(numberOf(a), numberOf(b))
  return Number.isFinite(result) ? String(result) : UNKNOWN
}

const COMPARISONS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
  '==': (a, b) => numberOf(a) === numberOf(b),
  '!=': (a, b) => numberOf(a) !== numberOf(b),
  '<': (a, b) => numberOf(a) < numberOf(b),
  '>': (a, b) => numberOf(a) > numberOf(b),
  '<=': (a, b) => numberOf(a) <= numberOf(b),
  '>=': (a, b) => numberOf(a) >= numberOf(b),
}

const CALCULATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
}

/** Perl takes the number at the beginning of a text. */
const numberOf = (text: string): number => Number.parseFloat(text) || 0

/**
 * Whether a text has what a pattern looks for. Only plain characters are understood, with `^` and `$` at the ends: no
 * pattern of a configuration can keep us busy.
 */
export function matches(text: Value, pattern: string, flags: string): Value {
  const plain = /^(\^?)((?:\\[^\w\s]|[\w\s@:;,/<>=!"'#%&~-])*)(\$?)$/.exec(pattern)
  if (typeof text !== 'string' || !plain || /[^ims]/.test(flags)) return UNKNOWN
  const [, start, middle = '', end] = plain
  const isFolded = flags.includes('i')
  const fold = (each: string) => (isFolded ? each.toLowerCase() : each)
  const [whole, sought] = [fold(text), fold(middle.replaceAll('\\', ''))]
  if (start && end) return perlBoolean(whole === sought || whole === `${sought}\n`)
  if (start) return perlBoolean(whole.startsWith(sought))
  return perlBoolean(end ? whole.replace(/\n$/, '').endsWith(sought) : whole.includes(sought))
}

export function isDefined(value: Value): boolean | undefined {
  return value === UNKNOWN ? undefined : value !== undefined
}

import type { RangeCondition } from './search.ts'
import { SearchMistake } from './search-mistake.ts'

/** A kind of number that a search has ranges of. */
export interface Scale {
  readonly field: 'score' | 'size'
  /** Two numbers differ by a multiple of it. */
  readonly step: number
  readonly units: Readonly<Record<string, number>>
  readonly examples: string
}

/** SpamAssassin's points have three decimals. */
export const SCORES: Scale = {
  field: 'score',
  step: 0.001,
  units: { '': 1 },
  examples: 'score:5..9, score:>5 or score:<=3.5',
}

/** Octets. Units are decimal, as in the lists. */
export const SIZES: Scale = {
  field: 'size',
  step: 1,
  units: { '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 },
  examples: 'size:>1M, size:<100k or size:10k..2M',
}

/**
 * Reads `5..9`, `5..`, `..9`, `>5`, `>=5`, `<5`, `<=5` or `5`, which is all that begins with the same digits: 5.7 is in
 * it, and 5.12 is in `5.1`.
 *
 * @throws CodedError REQUEST_INVALID
 */
export function parseRange({ text }: { readonly text: string }, scale: Scale): Omit<RangeCondition, 'not'> {
  const written = text.replace(/\s/g, '').toLowerCase()
  const range = twoEnds(written, scale) ?? oneEnd(written, scale) ?? oneNumber(written, scale)
  if (range && (range.least ?? -Infinity) <= (range.most ?? Infinity)) return range
  throw new SearchMistake(
    { is: 'number', field: `${scale.field}:`, example: scale.examples },
    `After ${scale.field}: there can be numbers, as in ${scale.examples}.`,
  )
}

type Range = Omit<RangeCondition, 'not'>

function twoEnds(text: string, scale: Scale): Range | undefined {
  const [least, most, ...more] = text.split('..')
  if (least === undefined || most === undefined || more.length > 0 || (least === '' && most === ''))
    return undefined
  const ends = [least, most].map(end => (end === '' ? undefined : numberOf(end, scale)))
  if ((least !== '' && !ends[0]) || (most !== '' && !ends[1])) return undefined
  return { least: ends[0]?.value, most: ends[1]?.value }
}

function oneEnd(text: string, scale: Scale): Range | undefined {
  const [, sign, rest = ''] = /^([<>]=?)(.*)$/s.exec(text) ?? []
  const number = sign === undefined ? undefined : numberOf(rest, scale)
  if (!number) return undefined
  const { value } = number
  switch (sign) {
    case '>':
      return { least: rounded(value + scale.step, scale), most: undefined }
    case '>=':
      return { least: value, most: undefined }
    case '<':
      return { least: undefined, most: rounded(value - scale.step, scale) }
    default:
      return { least: undefined, most: value }
  }
}

function oneNumber(text: string, scale: Scale): Range | undefined {
  const number = numberOf(text, scale)
  if (!number) return undefined
  const { value, precision } = number
  const far = rounded(value + Math.sign(value || 1) * (precision - scale.step), scale)
  return { least: Math.min(value, far), most: Math.max(value, far) }
}

/** @returns the number, and what its last digit is worth */
function numberOf(
  text: string,
  scale: Scale,
): { readonly value: number; readonly precision: number } | undefined {
  const [, digits, decimals = '', unit = ''] = /^([+-]?\d{1,10}(?:\.(\d{1,3}))?)([a-z]*)$/.exec(text) ?? []
  const factor = Object.hasOwn(scale.units, unit) ? scale.units[unit] : undefined
  if (digits === undefined || factor === undefined) return undefined
  const precision = Math.max(scale.step, factor / 10 ** decimals.length)
  return { value: rounded(Number(digits) * factor, scale), precision }
}

const rounded = (value: number, { step }: Scale): number => {
  const parts = Math.round(1 / step)
  // Without the sign of a zero.
  return Math.round(value * parts) / parts + 0
}

/** A range as `parseRange` reads it. */
export function formatRange({ least, most }: Range): string {
  if (least === undefined) return `<=${most}`
  return most === undefined ? `>=${least}` : `${least}..${most}`
}

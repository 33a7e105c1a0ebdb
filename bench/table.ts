/** One line: what the program does, and how the same fares otherwise. */
export interface Result {
  readonly what: string
  /** What the program needs, with its unit. */
  readonly ours: string
  readonly otherwise?: string
  /** How many times as much the other way needs. */
  readonly ratio?: number
}

export const tableHead = (): string =>
  `${line('', 'this program', 'ratio', 'otherwise')}${line('-'.repeat(WHAT), '-'.repeat(OURS), '-----', '-'.repeat(30))}`

export const tableRow = ({ what, ours, otherwise = '', ratio }: Result): string =>
  line(what, ours, ratio === undefined ? '' : `${ratio.toFixed(1)} ×`, otherwise)

const WHAT = 46
const OURS = 24

const line = (what: string, ours: string, ratio: string, otherwise: string): string =>
  `${what.padEnd(WHAT)}  ${ours.padStart(OURS)}  ${ratio.padStart(7)}  ${otherwise}`.trimEnd().concat('\n')

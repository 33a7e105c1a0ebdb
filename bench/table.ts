/** One line of the table: a task of the program, compared with another way of doing it. */
export interface Result {
  readonly what: string
  /** The program's figure, with its unit. */
  readonly ours: string
  /** The other way. */
  readonly otherwise?: string
  /** How many times as much the other way takes. */
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

import { type BenchCase, type Figure, isMet, type Spread, type Target } from './figures.ts'

/** The table as Markdown: it reads well in a terminal, and is copied into docs/benchmarks.md as it is. */
export const tableHead = ({ title }: BenchCase): string =>
  `\n### ${title}\n\n${row(HEAD)}${row(['---', '---:', '---:', '---:', '---:', '---'])}`

const HEAD = ['what', 'this program', 'otherwise', 'ratio', 'target', '']

export const tableRow = (figure: Figure): string =>
  row([
    figure.what,
    `${spread(figure.ours)} ${figure.unit}`,
    figure.reference ? `${spread(figure.reference.spread)} ${figure.unit} (${figure.reference.what})` : '',
    figure.ratio ? `${spread(figure.ratio)} ×` : '',
    figure.target ? targetOf(figure.target, figure.unit) : '',
    verdict(figure),
  ])

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`

/** The median, with the lowest and the highest where they differ. */
function spread({ median, lowest, highest }: Spread): string {
  const [middle, low, high] = [number(median), number(lowest), number(highest)]
  return low === high ? middle : `${middle} (${low}–${high})`
}

const targetOf = (target: Target, unit: string): string => {
  const of = target.of === 'ratio' ? ' ×' : ` ${unit}`
  return 'atLeast' in target ? `≥ ${number(target.atLeast)}${of}` : `≤ ${number(target.atMost)}${of}`
}

const verdict = (figure: Figure): string => {
  const met = isMet(figure)
  return met === undefined ? '' : met ? 'met' : '**missed**'
}

/** Three digits say more than the measurement is worth. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '?'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

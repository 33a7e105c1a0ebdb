import { widthOf, wrapped } from './cell.ts'

/**
 * A table for people, as wide as the terminal, or 80 columns. Each column is as wide as its widest cell, but the last
 * one is not padded. A table that is too wide is wrapped: long cells between their words if that suffices, or else its
 * columns, so that each row takes several lines. The header is shown in capitals.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number = terminalWidth(),
): string {
  const all = [header.map(name => name.toUpperCase()), ...rows]
  const sizes = header.map((_, column) => sizeOf(all.map(row => row[column] ?? '')))
  const lines = inOneLine(sizes, columns - INDENT) ?? inSeveralLines(sizes, columns - INDENT)
  return all.flatMap(row => rowLines(row, lines)).join('\n')
}

/** A terminal that does not know its width, such as a serial line, says 0. */
const terminalWidth = (): number => process.stdout.columns || 80

/** In columns of the terminal. */
const INDENT = 2
const GAP = 2
/** A column that gets less than this beside others gets a line of its own. */
const ENOUGH = 24

interface Size {
  readonly widest: number
  readonly longestWord: number
}

function sizeOf(cells: readonly string[]): Size {
  let [widest, longestWord] = [0, 0]
  for (const cell of cells) {
    widest = Math.max(widest, widthOf(cell))
    for (const word of cell.split(' ')) longestWord = Math.max(longestWord, widthOf(word))
  }
  return { widest, longestWord }
}

/** A line of a row: the widths of its columns, the first of which is column `from`. */
interface Line {
  readonly from: number
  readonly indent: number
  readonly widths: readonly number[]
}

/** All columns beside each other, if their longest words fit. The widest ones give way first. */
function inOneLine(sizes: readonly Size[], room: number): Line[] | undefined {
  const free = room - GAP * (sizes.length - 1)
  if (sum(sizes.map(({ longestWord }) => longestWord)) > free) return undefined
  const widths = sizes.map(({ widest }) => widest)
  while (sum(widths) > free) {
    const shrinkable = widths.map((width, column) => (width > (sizes[column]?.longestWord ?? 0) ? width : 0))
    const widest = shrinkable.indexOf(Math.max(...shrinkable))
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return [{ from: 0, indent: INDENT, widths }]
}

/** As many columns in each line as fit; lines after the first are indented further. */
function inSeveralLines(sizes: readonly Size[], room: number): Line[] {
  const lines: { from: number; indent: number; widths: number[] }[] = []
  let free = 0
  for (const [column, { widest, longestWord }] of sizes.entries()) {
    const fits = widest <= free || (longestWord <= free && free >= ENOUGH)
    if (lines.length === 0 || !fits) {
      const indent = lines.length === 0 ? INDENT : 2 * INDENT
      free = room + INDENT - indent
      lines.push({ from: column, indent, widths: [] })
    }
    const width = Math.min(widest, free)
    lines.at(-1)?.widths.push(width)
    free -= width + GAP
  }
  return lines
}

const rowLines = (row: readonly string[], lines: readonly Line[]): string[] =>
  lines.flatMap(({ from, indent, widths }) => {
    const cells = widths.map((width, index) => wrapped(row[from + index] ?? '', width))
    const height = Math.max(...cells.map(cell => cell.length))
    return Array.from({ length: height }, (_, at) => {
      const parts = cells.map((cell, index) => padded(cell[at] ?? '', widths[index] ?? 0))
      return `${' '.repeat(indent)}${parts.join(' '.repeat(GAP))}`.trimEnd()
    })
  })

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** A table for people. Each column is as wide as its widest cell, but the last one is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) =>
    all.reduce((width, row) => Math.max(width, lengthOf(row[column] ?? '')), 0),
  )
  return all
    .map(row => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell))))
    .map(cells => `  ${cells.join('  ')}`.trimEnd())
    .join('\n')
}

/** In code points, because one character may be two UTF-16 code units. */
const lengthOf = (text: string): number => [...text].length

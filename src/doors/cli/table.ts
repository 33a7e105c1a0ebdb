/** A table for people: columns as wide as their widest cell, the last one as long as it is. */
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

/** In characters as a reader counts them. */
const lengthOf = (text: string): number => [...text].length

/** The samples of Prometheus's text format, by name and labels. */
export const samplesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => {
        const blank = line.lastIndexOf(' ')
        return [line.slice(0, blank), Number(line.slice(blank + 1))] as const
      }),
  )

/**
 * What a piece of work costs in CPU, in microseconds, the better of three measurements: other programs on the machine
 * slow it down, nothing speeds it up.
 */
export function cpuOf(work: () => void, seconds = 0.3): number {
  const once = cpuOfMany(work, 1)
  const times = Math.max(20, Math.round((seconds * 1e6) / Math.max(once, 1)))
  cpuOfMany(work, times)
  return Math.min(...[1, 2, 3].map(() => cpuOfMany(work, times)))
}

function cpuOfMany(work: () => void, times: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

/** How long some works take on the clock, in milliseconds: in turns, the best of each. */
export async function wallOf(works: readonly (() => Promise<unknown>)[], rounds = 3): Promise<number[]> {
  const best = works.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const start = performance.now()
      await work()
      best[index] = Math.min(best[index] ?? 0, performance.now() - start)
    }
  }
  return best
}

/** "1.7 s", "37 ms", "5.2 ms", "52 µs" */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${digits(milliseconds / 1000)} s`
  if (milliseconds >= 1) return `${digits(milliseconds)} ms`
  return `${digits(milliseconds * 1000)} µs`
}

const digits = (value: number): string => value.toFixed(value < 10 ? 1 : 0)

/**
 * The CPU time of a piece of work, in microseconds. It is the lowest of three measurements, because other programs on
 * the machine can only slow the work down.
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

/** The wall-clock times of several pieces of work, in milliseconds. They are run in turns, and the best time counts. */
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

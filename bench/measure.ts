/**
 * The CPU time of a piece of work, in microseconds. It is the lowest of three measurements, because other programs on
 * the machine can only slow the work down.
 */
export function cpuOf(work: () => void, seconds = 0.1): number {
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

/** The wall-clock time of a piece of work, in milliseconds. */
export async function wallOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

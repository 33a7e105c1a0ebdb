import { readFileSync } from 'node:fs'

/** Milliseconds of CPU time of a process so far, in steps of ten. */
export function cpuOfProcess(pid: number): number {
  // The name before the bracket may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  const [user = 0, system = 0] = fields.slice(11, 13)
  return (user + system) * TICK
}

/** Linux counts in hundredths of a second for programs, whatever its own clock does. */
const TICK = 10

/** The resident set of a process now, in octets. */
export const rssOf = (pid: number): number => kilobytes(pid, 'VmRSS') * 1024

function kilobytes(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
}

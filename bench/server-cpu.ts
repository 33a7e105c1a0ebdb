import { readdirSync, readFileSync } from 'node:fs'

/** The process of the database server with this URL, and its children. A file has none: its work is our own. */
export function serverOf(url: string): { cpu(): number } {
  const { port } = new URL(url)
  const server = port === '' ? undefined : processes().find(pid => commandOf(pid).includes(`port=${port}\0`))
  return {
    /** Milliseconds of CPU time so far, in steps of ten. */
    cpu: () => {
      if (server === undefined) return 0
      const family = processes().filter(pid => pid === server || statOf(pid)?.parent === server)
      return family.reduce((sum, pid) => sum + (statOf(pid)?.cpu ?? 0), 0)
    },
  }
}

const processes = (): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`) ?? ''

function statOf(pid: number): { readonly parent: number; readonly cpu: number } | undefined {
  // The name before the bracket may hold spaces.
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  if (!fields) return undefined
  const [, parent = 0, , , , , , , , , , user = 0, system = 0, ofEnded = 0, systemOfEnded = 0] = fields
  return { parent, cpu: (user + system + ofEnded + systemOfEnded) * TICK }
}

/** Linux counts in hundredths of a second for programs, whatever its own clock does. */
const TICK = 10

/** Undefined: the process has ended. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

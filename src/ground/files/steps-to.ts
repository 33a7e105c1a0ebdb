import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** One folder, link or file on the way to a file. */
export interface Step {
  readonly path: string
  /** Of the link itself where it is a link. */
  readonly stats: Stats
  /** The rest of the way, seen from here; empty at the end of it. */
  readonly rest: string
}

/**
 * The way from / to a file, as the system goes it: every folder, every symbolic link and what it leads to. It ends
 * early where something is missing.
 *
 * @throws Error of Node, such as EACCES, or ELOOP for links that lead to each other
 */
export function* stepsTo(path: string): Generator<Step> {
  const names = namesOf(isAbsolute(path) ? path : `${process.cwd()}/${path}`)
  let at = '/'
  let links = 0
  yield { path: at, stats: lstatSync(at), rest: names.join('/') }
  while (names.length > 0) {
    const name = names.shift() ?? ''
    if (name === '..') {
      at = dirname(at)
      continue
    }
    const next = join(at, name)
    const stats = lstatSync(next, { throwIfNoEntry: false })
    if (!stats) return
    yield { path: next, stats, rest: names.join('/') }
    // What a process has open, such as a pipe of the shell, has no path that could be followed.
    if (OPEN_FILE.test(next)) return
    if (!stats.isSymbolicLink()) {
      at = next
      continue
    }
    links += 1
    if (links > MAX_LINKS) throw Object.assign(new Error(`ELOOP: ${path}`), { code: 'ELOOP' })
    const target = readlinkSync(next)
    if (isAbsolute(target)) at = '/'
    names.unshift(...namesOf(target))
  }
}

const namesOf = (path: string): string[] => path.split('/').filter(name => name !== '' && name !== '.')

const OPEN_FILE = /^\/proc\/\d+\/fd\/\d+$/

/** As Linux has it: path_resolution(7). */
const MAX_LINKS = 40

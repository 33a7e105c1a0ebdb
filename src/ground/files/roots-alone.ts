import { readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { accountOf, groupName, userName } from './accounts.ts'
import { shellWord } from './shell-word.ts'
import { type Step, stepsTo } from './steps-to.ts'

/** A file that root would read or run. */
export interface NeededFile {
  readonly path: string
  /**
   * `secret`: the service's user has to go on reading it, and nobody else. `tree`: a folder with everything in it.
   * `file`: anything else.
   */
  readonly kind: 'secret' | 'file' | 'tree'
}

/** Whether this process may do everything, so that whoever chooses its files gets to do everything. */
export const isRoot = (): boolean => process.geteuid?.() === 0

/**
 * What others than root could change on the way to a file or in it: one sentence for each, with the command that ends
 * it. Empty if there is nothing, or if the file is missing.
 *
 * A folder in which everybody may make files, but remove only their own (the sticky bit of /tmp), is safe as long as
 * what is found in it belongs to root: nobody else could have put it there, and nobody else can replace it.
 */
export function changeableByOthers({ path, kind }: NeededFile): string[] {
  const faults = [...faultsOnTheWay(path, kind)]
  if (kind === 'tree' && faults.length === 0) faults.push(...faultsInside(path))
  return [...new Set(faults)]
}

/**
 * For root: a link on the way to a file that another user could have planted, so that root would write to a file of
 * their choice. The kernel does not follow those of /tmp either (protected_symlinks), but only when it opens a file.
 */
export function plantedLink(path: string): { readonly path: string; readonly owner: string } | undefined {
  if (!isRoot()) return undefined
  let folder: Step | undefined
  for (const { path: at, stats, rest } of stepsTo(path)) {
    const isOthers = folder && (folder.stats.uid !== ROOT || (folder.stats.mode & 0o022) !== 0)
    if (isOthers && stats.isSymbolicLink() && stats.uid !== ROOT)
      return { path: at, owner: userName(stats.uid) }
    if (stats.isDirectory()) folder = { path: at, stats, rest }
  }
  return undefined
}

function* faultsOnTheWay(path: string, kind: NeededFile['kind']): Generator<string> {
  let folder: Step | undefined
  for (const step of stepsTo(path)) {
    const fault = step.stats.isSymbolicLink()
      ? folder && linkFault(step, folder)
      : faultOf(step, step.rest === '' ? kind : 'file')
    if (fault !== undefined) yield fault
    if (step.stats.isDirectory()) folder = step
  }
}

/** In a folder of root's alone, it does not matter whose a link is: nobody else can replace it. */
const linkFault = ({ path, stats }: Step, folder: Step): string | undefined =>
  stats.uid === ROOT || !isSticky(folder.stats)
    ? undefined
    : `${path} is a link that belongs to ${userName(stats.uid)}. Run: rm ${shellWord(path)}`

function faultOf(
  { path, stats }: Pick<Step, 'path' | 'stats'>,
  kind: NeededFile['kind'],
): string | undefined {
  if (stats.uid !== ROOT) {
    return `${path} belongs to ${userName(stats.uid)}. Run: ${takeOver(path, stats, kind)}`
  }
  if (!othersMayWrite(stats)) return undefined
  const who = (stats.mode & 0o002) !== 0 ? 'everybody' : `the group ${groupName(stats.gid)}`
  return `${path} can be written by ${who}. Run: chmod go-w ${shellWord(path)}`
}

/** The commands that give a file to root, in such a way that its owner can still read it. */
function takeOver(path: string, stats: Stats, kind: NeededFile['kind']): string {
  const file = shellWord(path)
  if (kind !== 'secret') return `chown root ${file}${othersMayWrite(stats) ? ` && chmod go-w ${file}` : ''}`
  const group = accountOf(stats.uid)?.gid ?? stats.gid
  return `chown root:${shellWord(groupName(group))} ${file} && chmod 640 ${file}`
}

/** With an access list (setfacl), the group's bits are the most that anybody in it may do. */
function othersMayWrite(stats: Stats): boolean {
  if (isSticky(stats) || stats.isCharacterDevice()) return false
  return (stats.mode & 0o022) !== 0
}

const isSticky = (stats: Stats): boolean => stats.isDirectory() && (stats.mode & 0o1000) !== 0

const ROOT = 0

function faultsInside(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !entry.name.startsWith('.'))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return changeableByOthers({ path, kind: entry.isDirectory() ? 'tree' : 'file' })
    })
}

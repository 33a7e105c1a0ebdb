import { closeSync, constants, existsSync, fstatSync, openSync, type Stats } from 'node:fs'
import { accountOf } from './accounts.ts'
import { isRoot } from './roots-alone.ts'
import { type Step, stepsTo } from './steps-to.ts'

/** Several users could swap the file for another one, or for a link. */
export class SharedFolder extends Error {
  readonly folder: string
  /** As /tmp is: meant for all users. */
  readonly isSticky: boolean

  constructor({ path, stats }: Step) {
    super(`${path} can be written by several users`)
    this.folder = path
    this.isSticky = isSticky(stats)
  }
}

/**
 * Works on a file in a folder that may belong to another user. For root, the work is done with the rights of that user
 * and no others, so that a link planted in the folder leads nowhere that they could not go themselves. In a folder of
 * root's alone, nobody can plant one.
 *
 * @param work gets a path at which the file is reached for as long as the work lasts, even if folders are renamed
 * @throws SharedFolder for root, when more than one user may write the folder
 */
export function asOwnerOfFolder<T>(path: string, work: (place: string) => T): T {
  const step = foreignFolder(path)
  if (!step) return work(path)
  const folder = openSync(step.path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return withRightsOf(fstatSync(folder), () => work(placeIn(folder, step)))
  } finally {
    closeSync(folder)
  }
}

/** The user with whose rights `asOwnerOfFolder` works; undefined where the system has no users. */
export function workerOn(path: string): number | undefined {
  const self = process.geteuid?.()
  try {
    return foreignFolder(path)?.stats.uid ?? self
  } catch {
    // The path leads nowhere.
    return self
  }
}

/** For root: the first folder on the way to a file that is another user's. What lies below is in their hands. */
function foreignFolder(path: string): Step | undefined {
  if (!isRoot()) return undefined
  requireNotPlanted(path)
  for (const step of stepsTo(path)) {
    const { stats } = step
    if (!stats.isDirectory()) continue
    if ((stats.mode & 0o022) !== 0 && !(isSticky(stats) && stats.uid === 0)) throw new SharedFolder(step)
    if (stats.uid !== 0) return step
  }
  return undefined
}

/**
 * For root: refuses a file or link that another user has put into a folder which is meant for all, such as /tmp.
 *
 * @throws SharedFolder
 */
export function requireNotPlanted(path: string): void {
  if (!isRoot()) return
  let folder: Step | undefined
  for (const step of stepsTo(path)) {
    const { stats } = step
    if (folder && isSticky(folder.stats) && stats.uid !== 0 && !stats.isDirectory())
      throw new SharedFolder(folder)
    if (stats.isDirectory()) folder = step
  }
}

const isSticky = (stats: Stats): boolean => (stats.mode & 0o1000) !== 0

/** Through the open folder, which stays the same whatever its path leads to now. Only Linux has this path. */
function placeIn(folder: number, { path, rest }: Step): string {
  const open = `/proc/self/fd/${folder}`
  return `${existsSync(open) ? open : path}/${rest}`
}

/** Node's files are worked on by this thread as long as the work is synchronous. */
function withRightsOf<T>({ uid, gid }: Stats, work: () => T): T {
  const { getegid, getgroups, setgroups, setegid, seteuid } = process
  if (!getegid || !getgroups || !setgroups || !setegid || !seteuid) return work()
  const before = { group: getegid(), groups: getgroups() }
  const group = accountOf(uid)?.gid ?? (gid === 0 ? uid : gid)
  try {
    setgroups([group])
    setegid(group)
    seteuid(uid)
    return work()
  } finally {
    seteuid(0)
    setegid(before.group)
    setgroups(before.groups)
  }
}

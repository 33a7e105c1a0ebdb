import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { userName } from '../files/accounts.ts'
import { isRoot } from '../files/roots-alone.ts'
import { type Step, stepsTo } from '../files/steps-to.ts'

/** Opening a database file would lock its owner out of it. */
export class OwnerLockedOut extends Error {}

/**
 * SQLite keeps a log beside the file (`-wal`, `-shm`). It belongs to the user who opens the file first, and every user
 * of the file must be able to write it. If amavisd's user cannot, amavisd cannot open its own storage and accepts no
 * mail while this program runs.
 *
 * @throws OwnerLockedOut before anything is changed; its message says what to do
 */
export function requireSharedLog(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false })
  const user = process.geteuid?.()
  const group = process.getegid?.()
  if (!file?.isFile() || user === undefined || group === undefined) return
  const folder = dirname(path)
  if (!locksOwnerOut({ file, folder: statSync(folder), user, group })) return
  throw new OwnerLockedOut(
    `${path} belongs to another user, who could no longer open it after this program has: the files that SQLite keeps beside it would belong to this program alone. Run the program as that user, or let the file's group share it: chgrp --reference=${path} ${folder}; chmod g+rwxs ${folder}; chmod g+rw ${path}`,
  )
}

/**
 * Root follows no link to a database that another user could have planted: opening the file would create it, or write
 * to a file of root's.
 *
 * @throws OwnerLockedOut its message says what to do
 */
export function refuseForeignLink(path: string): void {
  if (!isRoot()) return
  let foreign: Step | undefined
  for (const step of stepsTo(path)) {
    if (foreign && step.stats.isSymbolicLink()) {
      const owner = userName(foreign.stats.uid)
      throw new OwnerLockedOut(
        `root does not open ${path} through the link ${step.path}, because the folder ${foreign.path} belongs to ${owner}. Run the command as that user: runuser -u ${owner} -- amavis-digest …`,
      )
    }
    if (step.stats.isDirectory() && step.stats.uid !== 0) foreign = step
  }
}

/** Whether the owner of `file` could not write the files that SQLite puts beside it; these get the mode of `file`. */
export function locksOwnerOut({ file, folder, user, group }: Sharing): boolean {
  // When root opens the file, SQLite gives them to the owner.
  if (user === 0 || user === file.uid) return false
  if ((file.mode & FOR_ALL) === FOR_ALL) return false
  const logGroup = folder.mode & SET_GROUP ? folder.gid : group
  return logGroup !== file.gid || (file.mode & FOR_GROUP) !== FOR_GROUP
}

export interface Sharing {
  readonly file: Pick<Stats, 'uid' | 'gid' | 'mode'>
  readonly folder: Pick<Stats, 'gid' | 'mode'>
  /** The effective ids of the process that opens it. */
  readonly user: number
  readonly group: number
}

/** Permission to read and write. */
const FOR_GROUP = 0o060
const FOR_ALL = 0o006
/** Files created in a folder with this bit belong to the folder's group. */
const SET_GROUP = 0o2000

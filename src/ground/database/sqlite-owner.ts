import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** This process would keep the owner of a database file out of it. */
export class OwnerLockedOut extends Error {}

/**
 * SQLite keeps a log beside the file (`-wal`, `-shm`) that belongs to whoever opens the file first, and everybody who
 * opens it must write. If amavisd's user may not, amavisd cannot open its own storage and takes no mail for as long as
 * this program runs.
 *
 * @throws OwnerLockedOut with what to do, before anything is changed
 */
export function requireSharedLog(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false })
  const user = process.geteuid?.()
  const group = process.getegid?.()
  if (!file?.isFile() || user === undefined || group === undefined) return
  const folder = dirname(path)
  if (!locksOwnerOut({ file, folder: statSync(folder), user, group })) return
  throw new OwnerLockedOut(
    `${path} belongs to another user, who could not open it any more once this program has: what SQLite keeps beside it would be this program's alone. Run the program as that user, or let the file's group share it: chgrp --reference=${path} ${folder}; chmod g+rwxs ${folder}; chmod g+rw ${path}`,
  )
}

/** Whether files that SQLite puts beside `file` would not be its owner's. Their rights are always those of `file`. */
export function locksOwnerOut({ file, folder, user, group }: Sharing): boolean {
  // Root gives them to the owner: SQLite sees to that.
  if (user === 0 || user === file.uid) return false
  if ((file.mode & FOR_ALL) === FOR_ALL) return false
  const theirGroup = folder.mode & SET_GROUP ? folder.gid : group
  return theirGroup !== file.gid || (file.mode & FOR_GROUP) !== FOR_GROUP
}

export interface Sharing {
  readonly file: Pick<Stats, 'uid' | 'gid' | 'mode'>
  readonly folder: Pick<Stats, 'gid' | 'mode'>
  /** Who opens it: the process's effective ids. */
  readonly user: number
  readonly group: number
}

/** To read and to write. */
const FOR_GROUP = 0o060
const FOR_ALL = 0o006
/** What is made in such a folder belongs to the folder's group. */
const SET_GROUP = 0o2000

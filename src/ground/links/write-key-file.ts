import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Creates a file that only its owner may read. @returns false if it was there already */
export function createFile(place: string, text: string): boolean {
  const temporary = temporaryFor(place, FIRST)
  try {
    writeNew(temporary, text)
    // A hard link appears with its full content: nobody reads a file half written, and only one of two processes wins.
    linkSync(temporary, place)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Replaces a file in one step and keeps its owner: a reader sees either the old text or the new one. To be called under
 * the lock of the file.
 */
export function replaceFile(place: string, text: string): void {
  removeLeftovers(place)
  const temporary = temporaryFor(place, NEXT)
  try {
    writeNew(temporary, text, lstatSync(place))
    renameSync(temporary, place)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  flushFolder(dirname(place))
}

/** With a name that nobody can guess, and so can take first. */
const temporaryFor = (place: string, kind: string): string =>
  `${place}.${kind}-${randomBytes(12).toString('base64url')}`

/** The lock covers replacing only: a file that is being created must not be taken for a leftover. */
const FIRST = 'first'
const NEXT = 'next'

/** What processes left that were killed while they wrote: copies of the keys. */
function removeLeftovers(place: string): void {
  const prefix = `${basename(place)}.${NEXT}-`
  for (const name of readdirSync(dirname(place))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(place), name), { force: true })
  }
}

function writeNew(path: string, text: string, owner?: { readonly uid: number; readonly gid: number }): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    fchmodSync(file, 0o600)
    if (owner && process.geteuid?.() === 0) fchownSync(file, owner.uid, owner.gid)
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

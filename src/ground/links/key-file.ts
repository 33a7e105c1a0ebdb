import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { CodedError } from '../errors.ts'
import { asOwnerOfFolder, requireNotPlanted } from '../files/as-owner.ts'
import { shellWord } from '../files/shell-word.ts'
import { placeOf } from './key-file-place.ts'
import { unusable } from './key-file-unusable.ts'
import { withKeyFileLock } from './key-lock.ts'
import { isRevoked, keysFrom, newKey, revoked, stillVerifies, type TokenKey, textOf } from './token-key.ts'
import { createFile, replaceFile } from './write-key-file.ts'

/** Where the keys are unless the configuration says otherwise. */
export const DEFAULT_KEY_FILE = '/var/lib/amavis-digest/token.keys'

/** Where version 0.1.0 had them, in a folder that is root's alone now. */
const FORMER_KEY_FILE = '/etc/amavis-digest/token.keys'

/**
 * Reads the keys that sign links: first the one that signs, then the others from the newest on, with what is left of
 * those that were revoked. If the file is missing, creates it with one key.
 *
 * @throws CodedError KEY_FILE_UNSAFE when others may read or replace the file, KEY_FILE_INVALID when it cannot be used
 */
export function readKeyFile(path: string, now: number): TokenKey[] {
  const keys = attempt(path, 'read', () => {
    requireNotPlanted(path)
    return keysAt(path, path)
  })
  return keys ?? createKeyFile(path, now)
}

/**
 * Adds a key that signs from now on. An older key verifies links until the last link signed with it has expired, and is
 * then removed. Several processes may do this at once: each adds its key.
 *
 * @param longestLifetime the longest lifetime of any link, in milliseconds
 * @returns the keys that sign and verify, newest first
 * @throws CodedError as `readKeyFile`; KEY_FILE_BUSY when another process keeps the file locked
 */
export function rotateKeyFile(path: string, now: number, longestLifetime: number): TokenKey[] {
  return changeKeyFile(path, now, longestLifetime, keys => [
    newKey(now),
    ...keys.map(key => ({ ...key, verifiesUntil: key.verifiesUntil ?? now + longestLifetime })),
  ])
}

/**
 * Ends a key at once: no link signed with it is valid any more. If it is the one that signs, a new key signs in its
 * place: none of the older ones, whose time to verify may be shorter than a new link's life.
 *
 * @returns the keys that sign and verify afterwards, newest first
 * @throws CodedError KEY_UNKNOWN; also as `rotateKeyFile`
 */
export function revokeKey(path: string, id: string, now: number, longestLifetime: number): TokenKey[] {
  return changeKeyFile(path, now, longestLifetime, keys => {
    const usable = keys.filter(key => stillVerifies(key, now))
    const found = usable.find(key => key.id === id)
    if (!found) {
      const known = usable.map(key => key.id).join(', ')
      throw new CodedError('KEY_UNKNOWN', `There is no key ${id}. There are: ${known}.`)
    }
    const others = keys.map(key => (key === found ? revoked(key) : key))
    return others.some(key => key.verifiesUntil === null) ? others : [newKey(now), ...others]
  })
}

/** A text that changes whenever the file does; undefined when the file is missing. */
export function keyFileVersion(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.ino}/${stats.mtimeMs}/${stats.size}`
}

function changeKeyFile(
  path: string,
  now: number,
  longestLifetime: number,
  change: (keys: readonly TokenKey[]) => TokenKey[],
): TokenKey[] {
  readKeyFile(path, now)
  const changed = attempt(path, 'write', () =>
    asOwnerOfFolder(path, folder => {
      const place = placeOf(folder)
      return withKeyFileLock(place, path, () => {
        const keys = change(keysAt(place, path) ?? [])
        replaceFile(place, textOf(withoutOver(keys, now, longestLifetime)))
        return keys
      })
    }),
  )
  return changed.filter(key => stillVerifies(key, now))
}

/** What is left of a revoked key goes once the links signed with it would have expired anyhow. */
function withoutOver(keys: readonly TokenKey[], now: number, longestLifetime: number): TokenKey[] {
  return keys.filter((key, index) => {
    if (!isRevoked(key)) return stillVerifies(key, now)
    // It signed until the next key was made.
    const signedUntil = keys[index - 1]?.createdAt ?? now
    return signedUntil + longestLifetime > now
  })
}

function createKeyFile(path: string, now: number): TokenKey[] {
  if (path === DEFAULT_KEY_FILE && existsSync(FORMER_KEY_FILE)) throw movedAway()
  const keys = [newKey(now)]
  const isCreated = attempt(path, 'write', () =>
    asOwnerOfFolder(path, folder => createFile(placeOf(folder), textOf(keys))),
  )
  return isCreated ? keys : readKeyFile(path, now)
}

const movedAway = () =>
  new CodedError(
    'KEY_FILE_INVALID',
    `The key file is now ${DEFAULT_KEY_FILE}, but your keys are still in ${FORMER_KEY_FILE}. As root: mv ${FORMER_KEY_FILE} ${DEFAULT_KEY_FILE}. To leave them there, set links.keyFile.`,
  )

/**
 * @param place where the file is reached
 * @param path what messages call it
 * @returns undefined when the file is missing
 */
function keysAt(place: string, path: string): TokenKey[] | undefined {
  const text = readSafely(place, path)
  if (text === undefined) return undefined
  const keys = keysFrom(text)
  if (keys) return keys
  throw new CodedError(
    'KEY_FILE_INVALID',
    `${path} is damaged. Restore it from a backup. If there is none, delete it: a new key is then created, and the links in mails already sent stop working.`,
  )
}

/** The checks are made on the open file, so that nobody can put another in its place in between. */
function readSafely(place: string, path: string): string | undefined {
  const file = open(place)
  if (file === undefined) return undefined
  try {
    const stats = fstatSync(file)
    if (stats.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' })
    if (!stats.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: 'EINVAL' })
    if ((stats.mode & 0o077) !== 0) {
      throw new CodedError(
        'KEY_FILE_UNSAFE',
        `${path} can be read by others. Run: chmod 600 ${shellWord(path)}`,
      )
    }
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** Without waiting, in case somebody has put a pipe there. */
function open(place: string): number | undefined {
  try {
    return openSync(place, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function attempt<T>(path: string, doing: 'read' | 'write', work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof CodedError ? error : unusable(path, doing, error)
  }
}

import { createSecretKey, randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { CodedError } from '../errors.ts'
import type { SigningKey } from './token.ts'

/** A key as stored in the file. The newest key signs. */
export interface TokenKey extends SigningKey {
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the last link signed with it expires; null for the key that signs now. */
  readonly verifiesUntil: number | null
}

/**
 * Reads the keys that sign links, newest first. If the file is missing, creates it with one key.
 *
 * @throws CodedError KEY_FILE_UNSAFE when others may read the file, KEY_FILE_INVALID when it cannot be used
 */
export function readKeyFile(path: string, now: number): TokenKey[] {
  const mode = attempt(path, () => statSync(path, { throwIfNoEntry: false })?.mode)
  if (mode === undefined) return createKeyFile(path, now)
  if ((mode & 0o077) !== 0) {
    throw new CodedError('KEY_FILE_UNSAFE', `${path} can be read by others. Run: chmod 600 ${path}`)
  }
  return keysFrom(
    path,
    attempt(path, () => readFileSync(path, 'utf8')),
  )
}

/**
 * Adds a key that signs from now on. An older key verifies links until the last link signed with it has expired, and is
 * then removed.
 *
 * @param longestLifetime the longest lifetime of any link, in milliseconds
 * @returns all keys, newest first
 */
export function rotateKeyFile(path: string, now: number, longestLifetime: number): TokenKey[] {
  const kept = readKeyFile(path, now)
    .map(key => ({ ...key, verifiesUntil: key.verifiesUntil ?? now + longestLifetime }))
    .filter(key => key.verifiesUntil > now)
  const keys = [newKey(now), ...kept]
  attempt(path, () => replaceFile(path, textOf(keys)))
  return keys
}

/** A text that changes whenever the file does; undefined when the file is missing. */
export function keyFileVersion(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.ino}/${stats.mtimeMs}/${stats.size}`
}

function createKeyFile(path: string, now: number): TokenKey[] {
  const keys = [newKey(now)]
  const temporary = `${path}.${keys[0]?.id}`
  try {
    writeFile(temporary, textOf(keys), 'wx')
    // A hard link appears with its full content: nobody reads a file half written, and only one of two processes wins.
    linkSync(temporary, path)
    return keys
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return readKeyFile(path, now)
    throw unusable(path, error)
  } finally {
    rmSync(temporary, { force: true })
  }
}

const newKey = (now: number): TokenKey => ({
  id: randomBytes(6).toString('base64url'),
  key: createSecretKey(randomBytes(32)),
  createdAt: now,
  verifiesUntil: null,
})

const fileSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        secret: z.base64url().min(43),
        createdAt: z.iso.datetime(),
        verifiesUntil: z.iso.datetime().nullable(),
      }),
    )
    .min(1),
})

function textOf(keys: readonly TokenKey[]): string {
  const content: z.input<typeof fileSchema> = {
    keys: keys.map(key => ({
      id: key.id,
      secret: key.key.export().toString('base64url'),
      createdAt: new Date(key.createdAt).toISOString(),
      verifiesUntil: key.verifiesUntil === null ? null : new Date(key.verifiesUntil).toISOString(),
    })),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

function keysFrom(path: string, text: string): TokenKey[] {
  try {
    return fileSchema
      .parse(JSON.parse(text))
      .keys.map(key => ({
        id: key.id,
        key: createSecretKey(Buffer.from(key.secret, 'base64url')),
        createdAt: Date.parse(key.createdAt),
        verifiesUntil: key.verifiesUntil === null ? null : Date.parse(key.verifiesUntil),
      }))
      .sort((a, b) => b.createdAt - a.createdAt)
  } catch {
    // Without the message of zod or JSON.parse, which quotes the file.
    throw new CodedError(
      'KEY_FILE_INVALID',
      `${path} is damaged. Restore it from a backup. If there is none, delete it: a new key is then created, and the links in mails already sent stop working.`,
    )
  }
}

/** Replaces the file in one step and keeps its owner: a reader sees either the old keys or the new ones. */
function replaceFile(path: string, text: string): void {
  const { uid, gid } = statSync(path)
  const temporary = `${path}.new`
  writeFile(temporary, text, 'w', { uid, gid })
  renameSync(temporary, path)
}

function writeFile(
  path: string,
  text: string,
  flags: 'w' | 'wx',
  owner?: { uid: number; gid: number },
): void {
  const file = openSync(path, flags, 0o600)
  try {
    fchmodSync(file, 0o600)
    if (owner && process.getuid?.() === 0) fchownSync(file, owner.uid, owner.gid)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): CodedError {
  const advice = isErrno(error, 'ENOENT')
    ? `create its folder: mkdir -p ${dirname(path)}`
    : 'it must belong to the user that this program runs as'
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
  return new CodedError('KEY_FILE_INVALID', `The key file ${path} cannot be used (${reason}): ${advice}.`)
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

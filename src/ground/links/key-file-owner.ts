import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { unusable } from './key-file-unusable.ts'

/** Whose a key file is, and whose it has to be: numbers of users. */
export interface KeyFileOwner {
  readonly owner: number
  readonly expected: number
}

/**
 * Undefined when there is no such file. The service owns the folder of its keys; in a folder of root's, only the user
 * at hand can tell.
 *
 * @throws CodedError KEY_FILE_INVALID when nobody may look
 */
export function ownerOfKeyFile(path: string): KeyFileOwner | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
    const owner = statSync(path).uid
    const folder = statSync(dirname(path)).uid
    const user = process.geteuid?.() ?? owner
    return { owner, expected: folder === 0 ? user || owner : folder }
  } catch (error) {
    throw unusable(path, 'read', error)
  }
}

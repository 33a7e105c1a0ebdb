import { keyFileVersion, readKeyFile, type TokenKey } from './key-file.ts'
import type { SigningKey } from './token.ts'

/** The keys of a running process. It follows the key file, so that a rotation needs no restart. */
export interface KeyRing {
  /** The key that signs. */
  current(now: number): SigningKey
  /** A key that still verifies. */
  find(id: string, now: number): SigningKey | undefined
}

/**
 * @param onFault told once for each change of the file that cannot be used; the keys that are known stay in use
 * @throws CodedError KEY_FILE_UNSAFE, KEY_FILE_INVALID when it cannot be used at the start
 */
export function openKeyRing(path: string, now: number, onFault: (error: unknown) => void): KeyRing {
  let keys: readonly TokenKey[] = readKeyFile(path, now)
  let version = keyFileVersion(path)
  let lookedAt = now

  const follow = (at: number) => {
    if (Math.abs(at - lookedAt) < LOOK_EVERY) return
    lookedAt = at
    const found = keyFileVersion(path)
    // A file that is gone does not take the links in sent mails with it.
    if (found === undefined || found === version) return
    version = found
    try {
      keys = readKeyFile(path, at)
    } catch (error) {
      onFault(error)
    }
  }
  return {
    current(at) {
      follow(at)
      const [newest] = keys
      if (!newest) throw new TypeError('a key file holds at least one key')
      return newest
    },
    find(id, at) {
      follow(at)
      return keys.find(key => key.id === id && (key.verifiesUntil === null || key.verifiesUntil > at))
    },
  }
}

/** Milliseconds between two looks at the file. */
const LOOK_EVERY = 1000

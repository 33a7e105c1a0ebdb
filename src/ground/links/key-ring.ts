import { SECOND } from '../durations.ts'
import { keyFileVersion, readKeyFile, type TokenKey } from './key-file.ts'
import { type Link, type Purpose, type SigningKey, verifyToken } from './token.ts'

/** The keys of a running process. It follows the key file, so that a rotation needs no restart. */
export interface KeyRing {
  /** The key that signs. */
  current(now: number): SigningKey
  /**
   * Reads a token that came from outside, by the keys that still verify.
   *
   * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED
   */
  verify(token: string, purpose: Purpose, now: number): Link
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
    verify(token, purpose, at) {
      follow(at)
      return verifyToken(token, purpose, id => keys.find(key => key.id === id && stillVerifies(key, at)), at)
    },
  }
}

const stillVerifies = ({ verifiesUntil }: TokenKey, now: number): boolean =>
  verifiesUntil === null || verifiesUntil > now

/** Between two looks at the file. */
const LOOK_EVERY = SECOND

import { SECOND } from '../durations.ts'
import { createTokenReader } from './genuine-tokens.ts'
import { keyFileVersion, readKeyFile } from './key-file.ts'
import type { TokenFault } from './signature.ts'
import { type Link, linkOf, type SigningKey, type TokenPurpose } from './token.ts'
import type { TokenKey } from './token-key.ts'

/** The keys of a running process. It re-reads the key file when that changes, so that a rotation needs no restart. */
export interface KeyRing {
  /** The key that signs. */
  current(now: number): SigningKey
  /**
   * Reads a token that came from outside, with the keys that still verify.
   *
   * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED
   */
  verify(token: string, purpose: TokenPurpose, now: number): Link
  /**
   * Like `verify`, also for a token that has expired.
   *
   * @throws CodedError LINK_MALFORMED, LINK_FORGED
   */
  verifyExpired(token: string, purpose: TokenPurpose, now: number): Link
  /** Why a token is refused, whatever it is for; undefined: a key that still verifies has signed it. */
  fault(token: string, now: number): TokenFault | undefined
  /** When the oldest key was made, in milliseconds since the epoch. Links made before were signed by a missing key. */
  since(now: number): number
}

/**
 * @param onFault called once for each unusable version of the file; the keys read before stay in use
 * @throws CodedError KEY_FILE_UNSAFE, KEY_FILE_INVALID when the file cannot be used at the start
 */
export function openKeyRing(path: string, now: number, onFault: (error: unknown) => void): KeyRing {
  let keys: readonly TokenKey[] = readKeyFile(path, now)
  let version = keyFileVersion(path)
  let checkedAt = now

  const rereadIfChanged = (at: number) => {
    if (Math.abs(at - checkedAt) < CHECK_EVERY) return
    checkedAt = at
    const found = keyFileVersion(path)
    // If the file is gone, the links in mails already sent keep working.
    if (found === undefined || found === version) return
    version = found
    try {
      keys = readKeyFile(path, at)
    } catch (error) {
      onFault(error)
    }
  }
  const read = createTokenReader()
  return {
    current(at) {
      rereadIfChanged(at)
      const [newest] = keys
      if (!newest) throw new TypeError('a key file has at least one key')
      return newest
    },
    verify(token, purpose, at) {
      rereadIfChanged(at)
      return linkOf(read(token, keys, at), purpose, at)
    },
    verifyExpired(token, purpose, at) {
      rereadIfChanged(at)
      return linkOf(read(token, keys, at), purpose, Number.NEGATIVE_INFINITY)
    },
    fault(token, at) {
      rereadIfChanged(at)
      const claims = read(token, keys, at)
      return typeof claims === 'string' ? claims : undefined
    },
    since(at) {
      rereadIfChanged(at)
      return Math.min(...keys.map(key => key.createdAt))
    },
  }
}

/** The time between two checks of the file. */
const CHECK_EVERY = SECOND

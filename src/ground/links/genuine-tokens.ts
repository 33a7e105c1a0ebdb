import { type Claims, signedClaims, type TokenFault } from './signature.ts'
import { stillVerifies, type TokenKey } from './token-key.ts'

/**
 * Reads tokens from outside. Who opens a link has its signature looked at three times: a genuine token is remembered
 * meanwhile, for as long as its key verifies. A token that was made up is never remembered.
 *
 * @returns what was signed, or why nothing was
 */
export function createTokenReader(): (
  token: string,
  keys: readonly TokenKey[],
  now: number,
) => Claims | TokenFault {
  const genuine = new Map<string, { readonly claims: Claims; readonly key: TokenKey }>()
  return (token, keys, now) => {
    const known = genuine.get(token)
    // Keys that were read anew are others, even those that have stayed the same.
    if (known && keys.includes(known.key) && stillVerifies(known.key, now)) return known.claims
    let key: TokenKey | undefined
    const claims = signedClaims(token, id => {
      key = keys.find(one => one.id === id && stillVerifies(one, now))
      return key
    })
    if (typeof claims === 'string' || !key) return claims
    if (genuine.size >= MOST_REMEMBERED) genuine.clear()
    genuine.set(token, { claims, key })
    return claims
  }
}

/** More than are served at once, and too few to be worth anything to somebody who reads the memory. */
const MOST_REMEMBERED = 256

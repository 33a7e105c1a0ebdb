import { createHash, randomBytes } from 'node:crypto'
import type { SignInKind } from '../state/state-tables.ts'

/** 256 random bits that nobody can guess: the secret of a sign-in link, a browser or a session. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * The hash of a secret, for our tables. It needs no salt, because nobody can guess the secret.
 *
 * An admin's hash stands alone, as older versions wrote it. A reader's hash has the kind before it: `reader:HASH`.
 * Older versions look for a hash that stands alone, and they do not read the column `kind`. So a reader's session never
 * opens the admin's pages of an older version either, which may run beside this one during an upgrade.
 */
export function hashOfSecret(kind: SignInKind, secret: string): string {
  const hash = createHash('sha256').update(secret).digest('base64url')
  return kind === 'admin' ? hash : `${kind}:${hash}`
}

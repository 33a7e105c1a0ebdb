import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits that nobody can guess: of a sign-in link, a browser or a session. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What may be written down of a secret. It needs no salt: there is nothing to guess. */
export const hashOfSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url')

import { createSecretKey, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { SigningKey } from './token.ts'

/** A key as stored in the file. The newest key signs. */
export interface TokenKey extends SigningKey {
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the last link signed with it expires; null for the key that signs now. */
  readonly verifiesUntil: number | null
}

export const newKey = (now: number): TokenKey => ({
  // On the command line, a first "-" would make it an option.
  id: randomBytes(6).toString('base64url').replace(/^-/, '_'),
  key: createSecretKey(randomBytes(32)),
  createdAt: now,
  verifiesUntil: null,
})

/** Whether links signed with this key are valid. */
export const stillVerifies = ({ verifiesUntil }: TokenKey, now: number): boolean =>
  verifiesUntil === null || verifiesUntil > now

/**
 * What is left of a key that was revoked: its id and its age, and a secret that has signed nothing. The age tells that
 * no key is missing. A version that knows nothing of revoking takes it for a key that has expired.
 */
export const revoked = (key: TokenKey): TokenKey => ({
  ...newKey(key.createdAt),
  id: key.id,
  verifiesUntil: key.createdAt,
})

export const isRevoked = ({ createdAt, verifiesUntil }: TokenKey): boolean =>
  verifiesUntil !== null && verifiesUntil <= createdAt

/** The text of a key file. */
export function textOf(keys: readonly TokenKey[]): string {
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

/**
 * The keys of a file: the one that signs, then the others from the newest on. The clock may have been put back, so the
 * newest is not always the one that signs.
 *
 * @returns undefined when the text is damaged: the errors of zod and JSON.parse would quote it
 */
export function keysFrom(text: string): TokenKey[] | undefined {
  try {
    return fileSchema.parse(JSON.parse(text)).keys.map(keyFrom).sort(signingFirst)
  } catch {
    return undefined
  }
}

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

const keyFrom = (key: z.output<typeof fileSchema>['keys'][number]): TokenKey => ({
  id: key.id,
  key: createSecretKey(Buffer.from(key.secret, 'base64url')),
  createdAt: Date.parse(key.createdAt),
  verifiesUntil: key.verifiesUntil === null ? null : Date.parse(key.verifiesUntil),
})

const signingFirst = (a: TokenKey, b: TokenKey): number =>
  Number(b.verifiesUntil === null) - Number(a.verifiesUntil === null) || b.createdAt - a.createdAt

import { createHmac, hash, type KeyObject } from 'node:crypto'
import { memo } from '../concurrency/memo.ts'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import type { Claims, TokenFault } from './signature.ts'

/** What a link may be used for. A token for one purpose is invalid for another. */
export type Purpose = 'release' | 'digest' | 'preferences' | 'destination' | 'canary'

/** `instance` is no link of a mail: see `instance.ts`. */
export type TokenPurpose = Purpose | 'instance'

/** The content of a token. It reveals nothing about the mail or the people. */
export interface Link {
  readonly purpose: TokenPurpose
  /** The id of an item for `release`, of a request for `destination`, otherwise of a digest. */
  readonly subject: string
  /** See `bindingOf`. */
  readonly binding: string
  /** The id of the copy of a digest for whose mail a `release` link was made; undefined for the digest itself. */
  readonly copy?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface SigningKey {
  readonly id: string
  /** A KeyObject: a string would be made into one for each token. */
  readonly key: KeyObject
}

/**
 * Makes a token: a JWT with HS256, about 210 characters, or 265 in a copy. The same link and key always give the same
 * token, and it is the one that jsonwebtoken makes. That takes 7 µs to check options that never change, this 3.
 */
export function signToken(
  { purpose, subject, binding, copy, expiresAt }: Link,
  signingKey: SigningKey,
): string {
  const claims = { sub: subject, bnd: binding, cpy: copy, exp: Math.floor(expiresAt / SECOND), aud: purpose }
  const signed = `${headerOf(signingKey.id)}.${encoded(claims)}`
  return `${signed}.${createHmac('sha256', signingKey.key).update(signed).digest('base64url')}`
}

/** jsonwebtoken reads and writes a header as Latin-1; ids of keys are ASCII unless somebody has edited the file. */
const headerOf = (keyId: string): string =>
  headers(keyId, () => encoded({ alg: 'HS256', typ: 'JWT', kid: keyId }, 'latin1'))

/** More keys than one that signs exist only while they are rotated. */
const MOST_HEADERS = 20
const headers = memo<string>(MOST_HEADERS)

const encoded = (content: object, encoding: 'utf8' | 'latin1' = 'utf8'): string =>
  Buffer.from(JSON.stringify(content), encoding).toString('base64url')

/**
 * Reads a token whose signature has been looked at.
 *
 * @param claims what was signed, or why nothing was
 * @param now links that expired before it are refused, in milliseconds since the epoch
 * @throws CodedError LINK_MALFORMED, LINK_FORGED (signature, algorithm, key or purpose), LINK_EXPIRED
 */
export function linkOf(claims: Claims | TokenFault, purpose: TokenPurpose, now: number): Link {
  if (typeof claims === 'string') throw refusedToken(claims)
  if (claims.aud !== purpose) throw forged()
  const { sub, exp, bnd: binding, cpy: copy } = claims
  if (typeof sub !== 'string' || typeof binding !== 'string' || typeof exp !== 'number') throw malformed()
  if (copy !== undefined && typeof copy !== 'string') throw malformed()
  if (exp * SECOND <= now) throw new CodedError('LINK_EXPIRED', 'This link has expired.')
  return { purpose, subject: sub, binding, ...(copy !== undefined && { copy }), expiresAt: exp * SECOND }
}

/**
 * Binds a token to the people it was made for, without naming them: 96 bits of a hash of the recipient and the reader,
 * and of the copy in whose mail it stands. The code that uses the token compares it with the row.
 */
export function bindingOf(recipient: string, reader: string, copy?: string): string {
  const people = copy === undefined ? [recipient, reader] : [recipient, reader, copy]
  return hash('sha256', people.join('\0'), 'base64url').slice(0, 16)
}

/** @throws CodedError LINK_FORGED when the token was made for other people than those in the row */
export function requireBinding(link: Link, recipient: string, reader: string): void {
  if (link.binding !== bindingOf(recipient, reader, link.copy)) throw forged()
}

/** What is said of a token that has this fault. */
export const refusedToken = (fault: TokenFault): CodedError => new CodedError(fault, REFUSED[fault])

const REFUSED = {
  LINK_MALFORMED: 'This link is incomplete: it was cut off or changed on its way.',
  LINK_FORGED: 'This link was not made by this server, or not for this purpose.',
} as const satisfies Record<TokenFault, string>

const malformed = () => refusedToken('LINK_MALFORMED')

const forged = () => refusedToken('LINK_FORGED')

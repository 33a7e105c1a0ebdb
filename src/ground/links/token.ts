import { createHash, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/** What a link may be used for. A token of one purpose is worth nothing for another. */
export type Purpose = 'release' | 'digest' | 'preferences' | 'destination' | 'canary'

/** What a token says. It holds nothing to read about the mail or its people. */
export interface Link {
  readonly purpose: Purpose
  /** An item's id for a release, a request's for a destination, a digest's otherwise. */
  readonly subject: string
  /** See `bindingOf`. */
  readonly binding: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface SigningKey {
  readonly id: string
  /** A KeyObject: with a string secret, jsonwebtoken is 4 times slower. */
  readonly key: KeyObject
}

/** Makes a token: a JWT, HS256, of about 210 characters, the same whenever it is made of the same link and key. */
export function signToken(link: Link, signingKey: SigningKey): string {
  const claims = { sub: link.subject, bnd: link.binding, exp: Math.floor(link.expiresAt / SECOND) }
  return jwt.sign(claims, signingKey.key, {
    algorithm: 'HS256',
    keyid: signingKey.id,
    audience: link.purpose,
    noTimestamp: true,
  })
}

/**
 * Reads a token that came from outside.
 *
 * @param findKey the key of this id; undefined when there is none, or none any more
 * @throws CodedError LINK_MALFORMED, LINK_FORGED (signature, algorithm, key or purpose), LINK_EXPIRED
 */
export function verifyToken(
  token: string,
  purpose: Purpose,
  findKey: (id: string) => SigningKey | undefined,
  now: number,
): Link {
  const keyId = keyIdOf(token)
  const signingKey = keyId === undefined ? undefined : findKey(keyId)
  if (!signingKey) throw forged()
  const claims = verifiedClaims(token, signingKey)
  if (claims.aud !== purpose) throw forged()
  const { sub, exp } = claims
  const binding: unknown = claims.bnd
  if (typeof sub !== 'string' || typeof binding !== 'string' || typeof exp !== 'number') throw malformed()
  if (exp * SECOND <= now) throw new CodedError('LINK_EXPIRED', 'This link has expired.')
  return { purpose, subject: sub, binding, expiresAt: exp * SECOND }
}

/**
 * Ties a token to the people it was made for without naming them: 96 bits of a hash over the item's recipient and
 * reader. Whoever uses the token compares it with the row.
 */
export function bindingOf(recipient: string, reader: string): string {
  return createHash('sha256').update(`${recipient}\0${reader}`).digest('base64url').slice(0, 16)
}

/** @throws CodedError LINK_FORGED when the token was made for other people than the row names */
export function requireBinding(link: Link, recipient: string, reader: string): void {
  if (link.binding !== bindingOf(recipient, reader)) throw forged()
}

/** Ours have about 210 characters. */
const LONGEST_TOKEN = 1024

function keyIdOf(token: string): string | undefined {
  if (token.length > LONGEST_TOKEN || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw malformed()
  const decoded = decode(token)
  if (!decoded || typeof decoded.payload === 'string') throw malformed()
  return typeof decoded.header.kid === 'string' ? decoded.header.kid : undefined
}

function decode(token: string): jwt.Jwt | null {
  try {
    return jwt.decode(token, { complete: true })
  } catch {
    return null
  }
}

function verifiedClaims(token: string, signingKey: SigningKey): jwt.JwtPayload {
  try {
    const claims = jwt.verify(token, signingKey.key, { algorithms: ['HS256'], ignoreExpiration: true })
    if (typeof claims === 'string') throw malformed()
    return claims
  } catch (error) {
    throw error instanceof CodedError ? error : forged()
  }
}

const malformed = () =>
  new CodedError('LINK_MALFORMED', 'This link is incomplete: it was cut or changed on its way.')

const forged = () => new CodedError('LINK_FORGED', 'This link was not made by this server, or not for this.')

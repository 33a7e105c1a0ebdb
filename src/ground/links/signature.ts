import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '../errors.ts'

/** Why a token is refused before anything in it is believed. */
export type TokenFault = Extract<ErrorCode, 'LINK_MALFORMED' | 'LINK_FORGED'>

/**
 * Reads a token from outside that a key of ours has signed (RFC 7515, 5.2). Links are made up in floods, so a refusal takes a
 * few microseconds and throws nothing.
 *
 * @param findKey finds the key with this id; undefined when there is none, or when it no longer verifies
 * @returns what was signed, whatever it is for
 */
export function signedClaims(
  token: string,
  findKey: (id: string) => { readonly key: KeyObject } | undefined,
): Claims | TokenFault {
  if (token.length > MAX_TOKEN_LENGTH) return 'LINK_MALFORMED'
  const [, signed = '', header = '', payload = '', signature = ''] = SHAPE.exec(token) ?? []
  const read = fieldsIn(header)
  const claims = fieldsIn(payload)
  if (!read || !claims) return 'LINK_MALFORMED'
  const key = typeof read.kid === 'string' ? findKey(read.kid) : undefined
  return key && read.alg === 'HS256' && isSignedBy(key.key, signed, signature) ? claims : 'LINK_FORGED'
}

/** The fields of a token's payload, none of which has been looked at. */
export type Claims = Readonly<Partial<Record<string, unknown>>>

/** Our tokens have about 210 characters, and 265 in a copy. */
const MAX_TOKEN_LENGTH = 1024

/** RFC 7515, 7.1: what is signed, its two parts, and the signature. */
const SHAPE = /^(([\w-]+)\.([\w-]+))\.([\w-]*)$/

/** The object in one part of a token; undefined: there is none. */
function fieldsIn(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}

function isSignedBy(key: KeyObject, signed: string, signature: string): boolean {
  const expected = createHmac('sha256', key).update(signed).digest('base64url')
  return (
    signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  )
}

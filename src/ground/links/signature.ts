import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '../errors.ts'
import type { SigningKey } from './token.ts'

/** Why a token is refused before anything in it is believed. */
export type TokenFault = Extract<ErrorCode, 'LINK_MALFORMED' | 'LINK_FORGED'>

/**
 * Checks the shape and the signature of a token that came from outside, and no more: made-up links come in floods, so
 * this takes a few microseconds and throws nothing.
 *
 * @param findKey finds the key with this id; undefined when there is none, or when it no longer verifies
 * @returns undefined when a key of ours has signed it
 */
export function tokenFault(
  token: string,
  findKey: (id: string) => SigningKey | undefined,
): TokenFault | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return 'LINK_MALFORMED'
  const [, signed = '', header = '', payload = '', signature = ''] = SHAPE.exec(token) ?? []
  if (signed === '') return 'LINK_MALFORMED'
  const read = objectIn(header)
  if (!read || !objectIn(payload)) return 'LINK_MALFORMED'
  const key = typeof read.kid === 'string' ? findKey(read.kid) : undefined
  return key && read.alg === ALGORITHM && isSignedBy(key, signed, signature) ? undefined : 'LINK_FORGED'
}

/** Our tokens have about 210 characters, and 265 in a copy. */
const MAX_TOKEN_LENGTH = 1024

const SHAPE = /^(([\w-]+)\.([\w-]+))\.([\w-]*)$/

const ALGORITHM = 'HS256'

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isSignedBy({ key }: SigningKey, signed: string, signature: string): boolean {
  const expected = createHmac('sha256', key).update(signed).digest('base64url')
  return (
    signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  )
}

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '../errors.ts'

/** Why a token is refused before anything in it is believed. */
export type TokenFault = Extract<ErrorCode, 'LINK_MALFORMED' | 'LINK_FORGED'>

/**
 * Finds the key that has signed a token from outside: its shape, its key id and its signature, and no more. Links are
 * made up in floods, so this takes a few microseconds and throws nothing.
 *
 * @param findKey finds the key with this id; undefined when there is none, or when it no longer verifies
 */
export function signerOf<Key extends { readonly key: KeyObject }>(
  token: string,
  findKey: (id: string) => Key | undefined,
): Key | TokenFault {
  if (token.length > MAX_TOKEN_LENGTH) return 'LINK_MALFORMED'
  const [, signed = '', header = '', payload = '', signature = ''] = SHAPE.exec(token) ?? []
  const read = fieldsIn(header)
  if (!read || !fieldsIn(payload)) return 'LINK_MALFORMED'
  const key = typeof read.kid === 'string' ? findKey(read.kid) : undefined
  return key && read.alg === 'HS256' && isSignedBy(key.key, signed, signature) ? key : 'LINK_FORGED'
}

/** Our tokens have about 210 characters, and 265 in a copy. */
const MAX_TOKEN_LENGTH = 1024

/** RFC 7515, 7.1: what is signed, its two parts, and the signature. */
const SHAPE = /^(([\w-]+)\.([\w-]+))\.([\w-]*)$/

interface Fields {
  readonly alg?: unknown
  readonly kid?: unknown
}

/** The object in one part of a token; undefined: there is none. */
function fieldsIn(part: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value : undefined
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

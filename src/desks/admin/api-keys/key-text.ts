import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A key as its owner has it: `adk_`, its id, and 256 random bits. The prefix lets scanners for leaked secrets find it. */
export interface KeyText {
  readonly id: string
  readonly text: string
}

export function newKeyText(): KeyText {
  const id = randomBytes(6).toString('hex')
  return { id, text: `adk_${id}_${randomBytes(32).toString('hex')}` }
}

/** The id in a key's text; undefined for what is no key of ours. */
export const keyIdOf = (text: string): string | undefined =>
  /^adk_([0-9a-f]{12})_[0-9a-f]{64}$/.exec(text)?.[1]

/** What is stored of it: SHA-256 is enough for what nobody could guess. */
export const keyHashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** In constant time. */
export function isKey(text: string, hash: string): boolean {
  const given = Buffer.from(keyHashOf(text))
  const stored = Buffer.from(hash)
  return given.length === stored.length && timingSafeEqual(given, stored)
}

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A key as its owner sees it: `adk_`, the id and 256 random bits. The prefix helps scanners find leaked keys. */
export interface KeyText {
  readonly id: string
  readonly text: string
}

export function newKeyText(): KeyText {
  const id = randomBytes(6).toString('hex')
  return { id, text: `adk_${id}_${randomBytes(32).toString('hex')}` }
}

/** The id in a key's text; undefined when the text is not one of our keys. */
export const keyIdOf = (text: string): string | undefined =>
  /^adk_([0-9a-f]{12})_[0-9a-f]{64}$/.exec(text)?.[1]

/** The hash that is stored. SHA-256 is enough, because the text is 256 random bits. */
export const keyHashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Compares in constant time. */
export function isKey(text: string, hash: string): boolean {
  const given = Buffer.from(keyHashOf(text))
  const stored = Buffer.from(hash)
  return given.length === stored.length && timingSafeEqual(given, stored)
}

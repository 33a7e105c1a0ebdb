/**
 * amavis's content codes, per recipient (`msgrcpt.content`), and the words that this program uses for them.
 * Source: README.sql-mysql of amavisd 2.13.
 */
export const CONTENT_KINDS = {
  V: 'virus',
  B: 'banned',
  U: 'unchecked',
  S: 'spam',
  Y: 'spam',
  M: 'badHeader',
  H: 'badHeader',
  O: 'oversized',
  T: 'other',
  C: 'other',
} as const

export type ContentCode = keyof typeof CONTENT_KINDS

/** Why a message was held: the key of a policy and of a sentence for the reader. */
export type ContentKind = (typeof CONTENT_KINDS)[ContentCode]

/** Each kind once. */
export const KINDS: readonly ContentKind[] = [...new Set(Object.values(CONTENT_KINDS))]

/** The kind of a content code; a code that only a later amavisd knows counts as `other`. */
export const contentKindOf = (code: string): ContentKind =>
  isContentCode(code) ? CONTENT_KINDS[code] : 'other'

const isContentCode = (code: string): code is ContentCode => Object.hasOwn(CONTENT_KINDS, code)

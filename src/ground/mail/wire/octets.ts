/**
 * The octets of a mail, a character for each (U+0000 to U+00FF). V8 keeps such a string as compactly as a buffer, and
 * puts a long one together without copying its parts.
 */
export type Octets = string

/** The octets of text in UTF-8. */
export const octetsOf = (text: string): Octets =>
  BEYOND_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text

const BEYOND_ASCII = /[^\0-\x7F]/

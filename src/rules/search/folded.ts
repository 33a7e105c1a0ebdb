/**
 * A text as searches compare it: without letter case, without the characters that nobody sees or that turn the
 * direction of writing, and in one form of Unicode (NFKC), so that full-width letters and ligatures are found by theirs.
 */
export const folded = (text: string): string =>
  PLAIN.test(text)
    ? text.toLowerCase()
    : text.normalize('NFKC').replace(UNSEEN, '').replace(SPACES, ' ').toLowerCase().toWellFormed()

/** Printable ASCII, which most texts are. */
const PLAIN = /^[ -~]*$/

const UNSEEN = /[\p{Cf}\p{Cc}]/gu

const SPACES = /\s+/gu

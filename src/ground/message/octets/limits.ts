/** What a message may cost to be shown. One that exceeds a limit is not shown; its facts are. */
export const LIMITS = {
  /** A newsletter has 5, a mail with scanned pages 100. */
  parts: 1000,
  /** Of parts within parts. */
  nesting: 50,
  /** Octets of the headers of all parts. Postfix takes 102,400 of a message's own. */
  headers: 512_000,
  /** Octets of all text parts that are read; what follows is not shown. */
  text: 2_000_000,
  /** Characters that are shown. */
  shownText: 100_000,
  /** Octets of one image in HTML, decoded, and of all of them. */
  image: 1_000_000,
  images: 5_000_000,
} as const

/** A message that exceeds a limit. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

import type { Candidate } from '../make/candidates.ts'

/**
 * The order of the messages in a digest, in the mail and on its pages: the likeliest mistakes of the spam filter come
 * first. That is the lowest score, then the newest. Messages that were not scanned, or are gone, come last.
 */
export function likeliestMistakesFirst(a: Candidate, b: Candidate): number {
  return (
    compare(a.mail?.score ?? NO_SCORE, b.mail?.score ?? NO_SCORE) ||
    b.item.mailAt - a.item.mailAt ||
    (a.item.itemId < b.item.itemId ? -1 : 1)
  )
}

const NO_SCORE = Number.MAX_VALUE

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)

import { GROUPS, groupOf } from '../../../rules/policy/group.ts'
import type { JudgedCandidate } from '../make/candidates.ts'

/**
 * The order of the messages in a digest, in the mail and on its pages: by group, and within a group the likeliest
 * mistakes of the spam filter first. That is the lowest score, then the newest. Messages that were not scanned come last
 * in their group, and those that are gone at the end.
 *
 * @param spamBorder the score from which on spam is almost certain
 */
export const messageOrder =
  (spamBorder: number) =>
  (a: JudgedCandidate, b: JudgedCandidate): number =>
    rankOf(a, spamBorder) - rankOf(b, spamBorder) ||
    compare(a.mail?.score ?? NO_SCORE, b.mail?.score ?? NO_SCORE) ||
    b.item.mailAt - a.item.mailAt ||
    (a.item.itemId < b.item.itemId ? -1 : 1)

const rankOf = ({ mail }: JudgedCandidate, spamBorder: number): number =>
  mail ? GROUPS.indexOf(groupOf(mail, spamBorder)) : GROUPS.length

const NO_SCORE = Number.MAX_VALUE

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)

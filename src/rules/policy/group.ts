import type { HeldMail } from '../../ground/amavis/held-mail.ts'

/** How a digest divides its messages, in the order in which it lists them. */
export const GROUPS = ['wanted', 'dangerous', 'spam'] as const

/**
 * `wanted`: perhaps held by mistake. `dangerous`: may do harm, so its reader should be expecting it. `spam`: almost
 * certainly nothing that its reader wants.
 */
export type Group = (typeof GROUPS)[number]

/** @param spamBorder the score from which on spam is almost certain */
export function groupOf(
  { kind, score, because }: Pick<HeldMail, 'kind' | 'score' | 'because'>,
  spamBorder: number,
): Group {
  switch (kind) {
    case 'virus':
    case 'banned':
    case 'unchecked':
    case 'other':
      return 'dangerous'
    case 'spam':
      return because.detail === 'blockListed' || (score ?? 0) >= spamBorder ? 'spam' : 'wanted'
    case 'badHeader':
    case 'oversized':
      return 'wanted'
  }
}

import { carries, type Filter } from '../../../rules/schedule/filter.ts'
import { nextIn } from '../../../rules/schedule/next-of.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { SPREAD } from '../../../rules/schedule/schedule-faults.ts'
import type { Candidate } from './candidates.ts'

/** Which messages a run puts into digests, and when their mails go. */
export interface Terms {
  readonly filter: Filter | undefined
  /** Fewer messages make no digest. */
  readonly minMessages: number
  /** Milliseconds since the epoch: what expires by then is listed, however few messages there are. */
  readonly urgentUntil: number
  /** Milliseconds over which the mails are spread. */
  readonly spread: number
  /** Somebody asked for these digests: they go though their readers have paused. */
  readonly evenPaused: boolean
}

/** All that waits, at once: what somebody asked for by hand. */
export const ALL_AT_ONCE: Terms = {
  filter: undefined,
  minMessages: 1,
  urgentUntil: 0,
  spread: 0,
  evenPaused: false,
}

export interface TermsDeps {
  /** Of the readers for whom nobody has set one. */
  readonly standard: { readonly timeZone: string }
  /** What expires within so many milliseconds is about to be lost. */
  readonly expiringSoon: number
  /** How long a digest is tried, in milliseconds. */
  readonly giveUpDigestsAfter: number
}

/**
 * A schedule's terms for one of its runs.
 *
 * @param schedule undefined: of a run by hand
 */
export function termsOf(
  { standard, expiringSoon, giveUpDigestsAfter }: TermsDeps,
  schedule: Schedule | undefined,
  run: {
    readonly timeZones?: readonly string[] | undefined
    readonly evenPaused?: boolean | undefined
    readonly byClock?: boolean | undefined
  },
  now: number,
): Terms {
  const evenPaused = run.evenPaused ?? false
  if (!schedule) return { ...ALL_AT_ONCE, evenPaused }
  const { filter, minMessages } = schedule
  const timeZone = run.timeZones?.[0] ?? standard.timeZone
  return {
    filter,
    minMessages,
    // What the next run would find gone goes with this one.
    urgentUntil: Math.max(now + expiringSoon, nextIn(schedule, timeZone, now) ?? 0),
    // Whatever its place, a digest has time enough to be sent; and somebody may have written anything into the row.
    spread: run.byClock ? Math.min(schedule.spread, SPREAD.most, giveUpDigestsAfter / 2) : 0,
    evenPaused,
  }
}

/** Of one reader's messages, those that a digest lists: none of them when they are too few. */
export function messagesToList(
  terms: Terms,
  candidates: readonly Candidate[],
  retention: number,
): readonly Candidate[] {
  const chosen = candidates.filter(({ mail }) => mail && carries(terms.filter, mail))
  const isUrgent = chosen.some(({ item }) => item.mailAt + retention <= terms.urgentUntil)
  return chosen.length >= terms.minMessages || isUrgent ? chosen : []
}

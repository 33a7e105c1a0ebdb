import { keptUntil, type Retention } from '../../../ground/amavis/retention.ts'
import { carries, type Filter } from '../../../rules/schedule/filter.ts'
import { nextDueInZone } from '../../../rules/schedule/next-of.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { SPREAD } from '../../../rules/schedule/schedule-faults.ts'
import type { JudgedCandidate } from './candidates.ts'

/** Which messages a run puts into digests, and when the mails are sent. */
export interface Terms {
  readonly filter: Filter | undefined
  /** A digest is made only for at least so many messages. */
  readonly minMessages: number
  /** Milliseconds since the epoch. If a message expires by then, a digest is made for however few messages. */
  readonly urgentUntil: number
  /** Milliseconds over which the mails are spread. */
  readonly spread: number
  /** Somebody asked for these digests, so they are sent even to readers who have paused. */
  readonly evenPaused: boolean
}

/** The terms of a run that somebody asked for: all pending items, sent at once. */
export const ALL_AT_ONCE: Terms = {
  filter: undefined,
  minMessages: 1,
  urgentUntil: 0,
  spread: 0,
  evenPaused: false,
}

export interface TermsDeps {
  /** For readers whose time zone nobody has set. */
  readonly standard: { readonly timeZone: string }
  /** A message that expires within so many milliseconds is urgent. */
  readonly expiringSoon: number
  /** For how long sending a digest is tried, in milliseconds. */
  readonly giveUpDigestsAfter: number
}

/**
 * A schedule's terms for one of its runs.
 *
 * @param schedule undefined for a run that somebody asked for
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
    // A message that will have expired by the next run is listed in this one.
    urgentUntil: Math.max(now + expiringSoon, nextDueInZone(schedule, timeZone, now) ?? 0),
    // Limited so that the last digest still has time to be sent, and because the row may hold any number.
    spread: run.byClock ? Math.min(schedule.spread, SPREAD.most, giveUpDigestsAfter / 2) : 0,
    evenPaused,
  }
}

/** Those of one reader's messages that a digest lists; none when they are too few. */
export function messagesToList(
  terms: Terms,
  candidates: readonly JudgedCandidate[],
  retention: Retention,
): readonly JudgedCandidate[] {
  const chosen = candidates.filter(({ mail }) => mail && carries(terms.filter, mail))
  const isUrgent = chosen.some(({ item }) => keptUntil(retention, item) <= terms.urgentUntil)
  return chosen.length >= terms.minMessages || isUrgent ? chosen : []
}

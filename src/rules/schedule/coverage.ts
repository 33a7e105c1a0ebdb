import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'
import { kindsNeverOffered } from '../policy/offer.ts'
import type { Policies } from '../policy/policy.ts'
import type { Filter } from './filter.ts'
import type { Schedule } from './schedule.ts'

/**
 * The kinds of content of which some messages are never listed for readers who follow these schedules. Empty when none
 * of the schedules is on: then no digest comes at all and the mail waits, which is a different problem.
 */
export function neverListed(
  schedules: readonly Pick<Schedule, 'enabled' | 'filter'>[],
  policies: Policies,
): readonly ContentKind[] {
  const on = schedules.filter(({ enabled }) => enabled)
  if (on.length === 0) return []
  return leftOut(
    on.map(({ filter }) => filter),
    policies,
  )
}

/** The kinds of content of which these filters, taken together, leave some messages out. */
export function leftOut(
  filters: readonly (Filter | undefined)[],
  policies: Policies,
): readonly ContentKind[] {
  const never = kindsNeverOffered(policies)
  return KINDS.filter(kind => !never.includes(kind) && !coversAllScores(filters, kind))
}

function coversAllScores(filters: readonly (Filter | undefined)[], kind: ContentKind): boolean {
  const ranges = filters
    .filter(filter => filter?.kinds?.includes(kind) ?? true)
    .map(filter => ({
      from: filter?.minScore ?? Number.NEGATIVE_INFINITY,
      below: filter?.maxScore ?? Number.POSITIVE_INFINITY,
    }))
    .sort((a, b) => (a.from < b.from ? -1 : 1))
  let below = Number.NEGATIVE_INFINITY
  for (const range of ranges) {
    if (range.from > below) return false
    below = Math.max(below, range.below)
  }
  return below === Number.POSITIVE_INFINITY
}

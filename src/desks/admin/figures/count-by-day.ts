import type { Day } from './days.ts'

/** By the name of the day on which messages came in, and by their content code: how many. */
export type CountsByDay = ReadonlyMap<string, ReadonlyMap<string, number>>

export interface CountedMessages {
  /** When they came in, in milliseconds since the epoch. */
  readonly mailAt: number
  /** amavis's code. */
  readonly content: string
  readonly count: number
}

/** Adds up messages by day and content. @param days in their order; messages of other days do not count */
export function countByDay(counted: Iterable<CountedMessages>, days: readonly Day[]): CountsByDay {
  const byDay = new Map<string, Map<string, number>>()
  for (const { mailAt, content, count } of counted) {
    const day = days.findLast(({ from }) => from <= mailAt)
    if (!day || mailAt >= day.to) continue
    const ofDay = byDay.get(day.name) ?? new Map<string, number>()
    byDay.set(day.name, ofDay.set(content, (ofDay.get(content) ?? 0) + count))
  }
  return byDay
}

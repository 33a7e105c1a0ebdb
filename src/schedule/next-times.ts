import { nextDue, type Times } from './due-times.ts'

/**
 * The next times after `now`, at most `count`, in their order; fewer when it is due no more often.
 *
 * @throws Error what cannot be read as a cron expression or a time zone
 */
export function nextTimes(times: Times, now: number, count: number): number[] {
  const all: number[] = []
  for (const time of timesAfter(times, now)) {
    if (all.length >= count) break
    all.push(time)
  }
  return all
}

/** All times after `now`, one at a time: each is counted when it is asked for. */
export function* timesAfter(times: Times, now: number): Generator<number, void> {
  for (let next = nextDue(times, now); next !== undefined; next = nextDue(times, next)) yield next
}

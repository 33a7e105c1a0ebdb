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

/**
 * All times after `now`, one at a time: each is counted when it is asked for. To find the next time of an expression is
 * slow, so it is kept until it has come.
 */
export function* timesAfter({ crons, timeZone }: Times, now: number): Generator<number, void> {
  const next = (cron: string, from: number) => nextDue({ crons: [cron], timeZone }, from)
  const coming = new Map([...new Set(crons)].map(cron => [cron, next(cron, now)]))
  for (;;) {
    const times = [...coming.values()].filter(time => time !== undefined)
    if (times.length === 0) return
    const first = Math.min(...times)
    yield first
    for (const [cron, time] of coming) if (time === first) coming.set(cron, next(cron, first))
  }
}

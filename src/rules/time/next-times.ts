import { nextDue, type Times } from './due-times.ts'

/**
 * The next `count` times after `now`, in order; fewer when it is not due that often.
 *
 * @throws Error when an expression or the time zone cannot be read
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
 * All times after `now`, each calculated when it is asked for. Finding the next time of an expression is slow, so it is
 * kept until its turn comes.
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

import { schedule as startTask } from 'node-cron'
import type { Schedule } from './schedules.ts'

/** Calls `onDue` whenever a schedule is due, in its own time zone, with the minute it was due at. */
export function startTicker(
  schedules: readonly Schedule[],
  onDue: (schedule: Schedule, dueAt: number) => void,
): AsyncDisposable {
  const tasks = schedules
    .filter(schedule => schedule.enabled)
    .flatMap(schedule =>
      schedule.crons.map(cron =>
        startTask(cron, ({ date }) => onDue(schedule, wholeMinute(date)), {
          timezone: schedule.timeZone,
          suppressMissedWarning: true,
        }),
      ),
    )
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(tasks.map(task => task.destroy()))
    },
  }
}

/** Calls `onTick` every few seconds: often enough to look whether something is due. */
export function startTicking(onTick: () => void): AsyncDisposable {
  const task = startTask(EVERY_FEW_SECONDS, onTick, { suppressMissedWarning: true })
  return { [Symbol.asyncDispose]: async () => void (await task.destroy()) }
}

const EVERY_FEW_SECONDS = '*/5 * * * * *'

/** The same for every process, so that they agree on which run this is. */
const wholeMinute = (date: Date): number => Math.floor(date.getTime() / 60_000) * 60_000

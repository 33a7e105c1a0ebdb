import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { type DueRun, dueRuns } from './due-runs.ts'
import { listSchedules, type Schedule } from './schedules.ts'

export interface LookDeps {
  readonly state: Database<StateTables>
  /** For so many milliseconds after its time a missed run is still made up. */
  readonly grace: number
  readonly clock: () => number
  readonly log: Logger
}

/**
 * A look at the schedules' table, which is live: the runs that are due now. A schedule that cannot be read is told
 * once, until it changes, and holds up no other. So is a run that is too late to be made up.
 */
export function createLook({ state, grace, clock, log }: LookDeps): () => Promise<readonly DueRun[]> {
  let told: ReadonlySet<string> = new Set()
  let toldLapsed: ReadonlySet<string> = new Set()
  return async () => {
    const { due, lapsed, unreadable } = await dueRuns(state, await listSchedules(state), clock(), grace)
    for (const { schedule, reason } of unreadable) {
      if (told.has(contentOf(schedule))) continue
      log.error({ schedule: schedule.name, reason }, 'schedule cannot be read: nothing runs by it')
    }
    for (const { schedule, dueAt } of lapsed) {
      if (toldLapsed.has(`${schedule} ${dueAt}`)) continue
      log.warn(
        { schedule, dueAt: new Date(dueAt).toISOString() },
        'run missed for longer than runs.grace: the next one carries its mail',
      )
    }
    toldLapsed = new Set(lapsed.map(({ schedule, dueAt }) => `${schedule} ${dueAt}`))
    told = new Set(unreadable.map(({ schedule }) => contentOf(schedule)))
    return due
  }
}

const contentOf = ({ name, crons, timeZone }: Schedule): string => JSON.stringify([name, crons, timeZone])

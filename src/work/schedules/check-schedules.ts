import type { Logger } from 'pino'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { DueRun } from '../../rules/schedule/missed-runs.ts'
import { isReadersOwn, type Schedule } from '../../rules/schedule/schedule.ts'
import { createLastDue } from '../../rules/time/last-due.ts'
import { dueRuns } from './due-runs.ts'
import { listSchedules } from './schedules.ts'
import { type ZonesInUse, zonesInUse } from './zones-in-use.ts'

export interface ScheduleCheckDeps {
  readonly state: Database<StateTables>
  /** Of the readers for whom nobody has set one. */
  readonly standard: { readonly timeZone: string }
  /** For so many milliseconds after its time a missed run is still made up. */
  readonly grace: number
  readonly clock: () => number
  readonly log: Logger
}

/**
 * A look at the schedules' table, which is live: the runs that are due now. A schedule that cannot be read is told
 * once, until it changes, and holds up no other. So is a run that is too late to be made up, and a reader's time zone
 * that is none.
 */
export function createScheduleCheck({
  state,
  standard,
  grace,
  clock,
  log,
}: ScheduleCheckDeps): () => Promise<readonly DueRun[]> {
  const lastDue = createLastDue()
  const schedulesNews = createNews()
  const lapsedNews = createNews()
  const zonesNews = createNews()
  return async () => {
    const schedules = await listSchedules(state)
    const goesByZones = schedules.some(schedule => schedule.enabled && isReadersOwn(schedule))
    const { zones, unreadable: noZones } = goesByZones ? await zonesInUse(state, standard.timeZone) : NO_ZONES
    const at = { schedules, zones, now: clock(), grace }
    const { due, lapsed, unreadable } = await dueRuns(state, lastDue, at)
    schedulesNews(unreadable, contentOf, ({ schedule, reason }) =>
      log.error({ schedule: schedule.name, reason }, 'schedule cannot be read: nothing runs by it'),
    )
    lapsedNews(
      lapsed,
      ({ schedule, dueAt }) => `${schedule} ${dueAt}`,
      ({ schedule, dueAt, timeZones }) =>
        log.warn(
          { schedule, dueAt: new Date(dueAt).toISOString(), timeZones },
          'run missed for longer than runs.grace: the next one carries its mail',
        ),
    )
    zonesNews(noZones, String, timeZone =>
      log.error({ timeZone }, 'a reader has a time zone that cannot be read: it counts as not set'),
    )
    return due
  }
}

const NO_ZONES: ZonesInUse = { zones: [], unreadable: [] }

const contentOf = ({ schedule }: { readonly schedule: Schedule }): string =>
  JSON.stringify([schedule.name, schedule.crons, schedule.timeZone])

/** Tells of each fault once, for as long as it stays. */
function createNews(): <T>(
  faults: readonly T[],
  nameOf: (fault: T) => string,
  tell: (fault: T) => void,
) => void {
  let told: ReadonlySet<string> = new Set()
  return (faults, nameOf, tell) => {
    for (const fault of faults) if (!told.has(nameOf(fault))) tell(fault)
    told = new Set(faults.map(nameOf))
  }
}

import type { Logger } from 'pino'
import type { Database } from '../../ground/database/database.ts'
import { storedTimeZone, storedZoneWarning } from '../../ground/i18n/time-zone-name.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { DueRun } from '../../rules/schedule/missed-runs.ts'
import { isReadersOwn, type Schedule } from '../../rules/schedule/schedule.ts'
import { createLastDue } from '../../rules/time/last-due.ts'
import { dueRuns } from './due-runs.ts'
import { listSchedules } from './schedules.ts'
import { type ZonesInUse, zonesInUse } from './zones-in-use.ts'

export interface ScheduleCheckDeps {
  readonly state: Database<StateTables>
  /** For readers whose time zone nobody has set. */
  readonly standard: { readonly timeZone: string }
  /** How long after its time a missed run is still made up for, in milliseconds. */
  readonly grace: number
  readonly clock: () => number
  readonly log: Logger
}

/**
 * Creates a function that reads the table of schedules and returns the runs that are due now. A change of the table
 * takes effect at the next call. A schedule that cannot be read is logged once, until it changes, and does not hold up
 * the others. A run that is too late to be made up, and an invalid time zone of a reader, are logged once, too.
 */
export function createScheduleCheck({
  state,
  standard,
  grace,
  clock,
  log,
}: ScheduleCheckDeps): () => Promise<readonly DueRun[]> {
  const lastDue = createLastDue()
  const reportUnreadable = createReporter()
  const reportLapsed = createReporter()
  const reportZones = createReporter()
  const reportAbbreviations = createReporter()
  return async () => {
    const schedules = await listSchedules(state)
    const followsReaders = schedules.some(schedule => schedule.enabled && isReadersOwn(schedule))
    const { zones, unreadable: badZones } = followsReaders
      ? await zonesInUse(state, standard.timeZone)
      : NO_ZONES
    const at = { schedules, zones, now: clock(), grace }
    const { due, lapsed, unreadable } = await dueRuns(state, lastDue, at)
    reportUnreadable(unreadable, contentOf, ({ schedule, reason }) =>
      log.error({ schedule: schedule.name, reason }, 'schedule cannot be read: nothing runs by it'),
    )
    reportLapsed(
      lapsed,
      ({ schedule, dueAt }) => `${schedule} ${dueAt}`,
      ({ schedule, dueAt, timeZones }) =>
        log.warn(
          { schedule, dueAt: new Date(dueAt).toISOString(), timeZones },
          'run missed for longer than runs.grace: the next one carries its mail',
        ),
    )
    reportZones(badZones, String, timeZone =>
      log.error({ timeZone }, 'a reader has a time zone that cannot be read: it counts as not set'),
    )
    const inUse = [...schedules, ...zones].map(({ timeZone }) => timeZone)
    const abbreviations = [...new Set(inUse)].filter(zone => storedZoneWarning(zone) !== undefined)
    reportAbbreviations(abbreviations, String, timeZone =>
      log.warn(
        { timeZone, readAs: storedTimeZone(timeZone) },
        'a time zone in our tables is an abbreviation with several meanings: set the name of a place instead',
      ),
    )
    return due
  }
}

const NO_ZONES: ZonesInUse = { zones: [], unreadable: [] }

const contentOf = ({ schedule }: { readonly schedule: Schedule }): string =>
  JSON.stringify([schedule.name, schedule.crons, schedule.timeZone])

/** Creates a function that reports each fault once, for as long as the fault stays. */
function createReporter(): <T>(
  faults: readonly T[],
  nameOf: (fault: T) => string,
  report: (fault: T) => void,
) => void {
  let reported: ReadonlySet<string> = new Set()
  return (faults, nameOf, report) => {
    for (const fault of faults) if (!reported.has(nameOf(fault))) report(fault)
    reported = new Set(faults.map(nameOf))
  }
}

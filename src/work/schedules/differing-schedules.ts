import { type Config, STANDARD_SCHEDULES } from '../../ground/config/schema.ts'
import { plainCron } from '../../ground/cron/cron-fault.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import { listSchedules } from './schedules.ts'

/** A schedule of the configuration that is not, or is otherwise, in the table, which counts. */
export interface DifferingSchedule {
  readonly name: string
  /** What gives the table what the configuration says. */
  readonly command: string
}

/**
 * Compares the schedules of the configuration with the table that they once filled. What only the table has was added
 * there on purpose, and what the table has beside times and default too.
 */
export async function differingSchedules(
  state: Database<StateTables>,
  seeds: Config['schedules'],
): Promise<DifferingSchedule[]> {
  // Nobody has written them.
  if (JSON.stringify(seeds) === JSON.stringify(STANDARD_SCHEDULES)) return []
  const table = new Map((await listSchedules(state)).map(schedule => [schedule.name, schedule]))
  return seeds
    .filter(seed => !isAsIn(table.get(seed.name), seed))
    .map(seed => ({ name: seed.name, command: commandFor(seed) }))
}

type Seed = Config['schedules'][number]

/** Another schedule that becomes the default ends the one that was. */
const isAsIn = (schedule: Schedule | undefined, seed: Seed): boolean =>
  schedule !== undefined &&
  schedule.timeZone === seed.timezone &&
  (schedule.isDefault || !seed.default) &&
  timesOf(schedule.crons) === timesOf(seed.cron)

const timesOf = (crons: readonly string[]): string => crons.map(plainCron).toSorted().join()

function commandFor({ name, cron, timezone, default: isDefault }: Seed): string {
  const times = cron.map(expression => `--cron "${expression}"`).join(' ')
  return `amavis-digest schedules set ${name} ${times} --timezone ${timezone}${isDefault ? ' --default' : ''}`
}

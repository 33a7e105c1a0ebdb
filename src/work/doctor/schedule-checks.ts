import type { Config } from '../../ground/config/schema.ts'
import type { Database } from '../../ground/database/database.ts'
import { type Check, type Finding, fail, ok, warn } from '../../ground/health/check.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { nextDueInAnyZone } from '../../rules/schedule/next-of.ts'
import { isReadersOwn, type Schedule } from '../../rules/schedule/schedule.ts'
import { differingSchedules } from '../schedules/differing-schedules.ts'
import { listSchedules } from '../schedules/schedules.ts'

export interface ScheduleChecksDeps {
  readonly config: Pick<Config, 'admins' | 'schedules'>
  readonly state: Database<StateTables>
  readonly clock: () => number
  /** The time zone of readers for whom no other is known. */
  readonly standardZone: string
  /** The time zone of this machine. */
  readonly machineZone: string
}

/** Checks of who is told, and when. */
export const scheduleChecks = (deps: ScheduleChecksDeps): readonly Check[] => [
  { id: 'admins.configured', run: async () => [admins(deps)] },
  { id: 'schedules.default', needs: ['state.tables'], run: async () => [await standard(deps)] },
  { id: 'schedules.configuration', needs: ['state.tables'], isToldAnyway: true, run: () => ignored(deps) },
  { id: 'schedules.timezone', needs: ['state.tables'], run: async () => [await zones(deps)] },
]

function admins({ config }: ScheduleChecksDeps): Finding {
  if (config.admins.length === 0)
    return warn(
      'no admin is configured: nobody can sign in to the admin page, and digests name nobody for questions',
      'Set admins: [postmaster@example.com] with your own address, and restart the service.',
    )
  if (config.admins.every(admin => 'domains' in admin || ('role' in admin && admin.role === 'helpDesk')))
    return warn(
      'each admin is for some domains only: nobody sees the status of the service',
      'Add an address without domains to admins, and restart the service.',
    )
  return ok('an admin is configured')
}

async function standard(deps: ScheduleChecksDeps): Promise<Finding> {
  const schedule = (await schedulesOf(deps)).find(({ isDefault }) => isDefault)
  if (schedule === undefined)
    return warn(
      'no schedule is the default: readers without a setting of their own get no digest',
      'amavis-digest schedules set daily --cron "0 6 * * *" --default',
    )
  if (!schedule.enabled)
    return warn(
      `the default schedule ${schedule.name} is off: readers without a setting of their own get no digest`,
      `amavis-digest schedules set ${schedule.name} --on`,
    )
  const next = await nextDueInAnyZone(schedule, [deps.standardZone], deps.clock())
  if (next === undefined)
    return fail(
      `the default schedule ${schedule.name} is never due: ${schedule.crons.join(', ')}`,
      `amavis-digest schedules set ${schedule.name} --cron "0 6 * * *"`,
    )
  return ok(`the default schedule ${schedule.name} is due next at ${new Date(next).toISOString()}`)
}

/** The standard of a schedule is UTC, which few people mean who have set another time zone on their machine. */
async function zones(deps: ScheduleChecksDeps): Promise<Finding> {
  const { machineZone } = deps
  const inUtc = (await schedulesOf(deps)).filter(
    schedule => schedule.enabled && !isReadersOwn(schedule) && isUtc(schedule.timeZone),
  )
  if (isUtc(machineZone) || inUtc.length === 0) return ok('each schedule has a time zone that was chosen')
  const names = inUtc.map(({ name }) => name)
  return warn(
    `${names.join(', ')}: the times are in UTC, and this machine's time zone is ${machineZone}`,
    names.map(name => `amavis-digest schedules set ${name} --timezone ${machineZone}`).join('; '),
  )
}

const isUtc = (zone: string): boolean => ['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(zone)

type Times = Pick<Schedule, 'name' | 'crons' | 'timeZone' | 'isDefault' | 'enabled'>

/** The first start copies the schedules of the configuration into the table. */
async function schedulesOf({ state, config }: ScheduleChecksDeps): Promise<readonly Times[]> {
  const table = await listSchedules(state)
  if (table.length > 0) return table
  return config.schedules.map(({ name, cron, timezone, default: isDefault }) => ({
    name,
    crons: cron,
    timeZone: timezone,
    isDefault,
    enabled: true,
  }))
}

async function ignored({ state, config }: ScheduleChecksDeps): Promise<readonly Finding[]> {
  if ((await listSchedules(state)).length === 0) return [ok('the first start fills the table of schedules')]
  const differing = await differingSchedules(state, config.schedules)
  if (differing.length === 0) return [ok('the table of schedules has what the configuration says')]
  return differing.map(({ name, command }) =>
    warn(
      `the schedule ${name} of the configuration is ignored: the table has been changed since, and counts`,
      `${command}, or let the configuration say what the table does`,
    ),
  )
}

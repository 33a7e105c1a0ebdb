import type { Command } from 'commander'
import { MOST_DAYS, MOST_RUNS } from '../../../desks/admin/schedules/calendar-limits.ts'
import type { CalendarRun } from '../../../desks/admin/schedules/run-tally.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

interface CalendarOptions extends CommonOptions {
  readonly days: string
}

export function addSchedulesCalendar(schedules: Command, cli: Cli): void {
  schedules
    .command('calendar')
    .description('show the upcoming runs, with what each would carry now')
    .option('--days <number>', `how many days, 1 to ${MOST_DAYS}`, '7')
    .option('--json', 'as JSON')
    .action(calendar(cli))
}

const calendar =
  (cli: Cli) =>
  async (_options: CalendarOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CalendarOptions>()
    const days = daysOf(options.days)
    const runs = await withApp(cli, options, async app => {
      await app.check()
      await app.seedSchedules()
      await app.collect()
      return app.desk.schedules.calendar(undefined, days)
    })
    if (options.json) print(JSON.stringify(runs.map(jsonOf)))
    else if (runs.length === 0) printNote('No schedule is due within that time.')
    else print(table(['When', 'Time zone', 'Schedule', 'Readers', 'Messages'], runs.map(rowOf)))
    if (runs.length >= MOST_RUNS) printNote(`These are the next ${MOST_RUNS} runs; there are more.`)
  }

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (days >= 1 && days <= MOST_DAYS) return days
  throw new CodedError('USAGE', `--days: expected a number from 1 to ${MOST_DAYS}.`)
}

const jsonOf = ({ schedule, at, timeZones, readers, messages }: CalendarRun) => ({
  schedule,
  at: new Date(at).toISOString(),
  timezones: timeZones,
  readers,
  messages,
})

function rowOf({ schedule, at, timeZones, readers, messages }: CalendarRun): string[] {
  const [first = 'UTC', ...others] = timeZones
  const zone = others.length === 0 ? first : `${first} and ${others.length} more`
  return [localTime(at, first), zone, schedule, String(readers), String(messages)]
}

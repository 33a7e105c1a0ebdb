import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { scheduleJson } from '../../../desks/admin/schedules/schedule-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { addSchedulesCalendar } from './schedules-calendar.ts'
import { addSchedulesSet } from './schedules-set.ts'
import { schedulesText } from './schedules-text.ts'

interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean
}

export function addSchedules(program: Command, cli: Cli): void {
  const schedules = program
    .command('schedules')
    .description('when digests are sent: the table, which a running service follows within seconds')
  schedules.command('list').description('show the schedules').option('--json', 'as JSON').action(list(cli))
  addSchedulesSet(schedules, cli)
  schedules
    .command('remove')
    .description('remove a schedule; its readers keep their other ones, or get the default one')
    .argument('<name>', 'the name of the schedule')
    .option('--yes', 'even if settings of readers or domains name it')
    .option('--json', 'print the result as JSON')
    .action(remove(cli))
  addSchedulesCalendar(schedules, cli)
}

const list =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const found = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      await app.seedSchedules()
      const next = await app.desk.schedules.nextRuns(undefined)
      const schedules = await app.desk.schedules.list(undefined)
      return schedules.map(schedule => scheduleJson(schedule, next[schedule.name]))
    })
    print(options.json ? JSON.stringify(found) : schedulesText(found))
  }

const remove =
  (cli: Cli) =>
  async (name: string, _options: RemoveOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<RemoveOptions>()
    const removed = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      await app.seedSchedules()
      return removeOrAsk(app, name, options.yes === true)
    })
    for (const warning of removed.warnings) printNote(`Warning: ${warning}`)
    if (options.json) print(JSON.stringify({ removed: name, ...removed }))
    else printNote(`Removed: ${name}.`)
  }

async function removeOrAsk(app: App, name: string, evenIfUsed: boolean) {
  const by = commandLineEditor()
  try {
    return await app.desk.schedules.remove(by, name, { evenIfUsed })
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'SCHEDULE_IN_USE') throw error
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw new CodedError('SCHEDULE_IN_USE', `${error.message} To remove it anyway, add --yes.`)
    }
    if (!(await agrees(`${error.message} Remove it? [y/N] `))) {
      throw new CodedError('SCHEDULE_IN_USE', 'Nothing was removed.')
    }
    return app.desk.schedules.remove(by, name, { evenIfUsed: true })
  }
}

async function agrees(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}

import type { Command } from 'commander'
import type { ChangedSchedule } from '../../../desks/admin/schedules/change-schedules.ts'
import { scheduleJson } from '../../../desks/admin/schedules/schedule-json.ts'
import { type SettingsJson, settingsJson } from '../../../desks/admin/settings/settings-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Filter } from '../../../rules/schedule/filter.ts'
import type { ScheduleChange } from '../../../rules/schedule/schedule-change.ts'
import { settableScope } from '../../../rules/settings/scope.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, tell, withApp } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { repeated } from '../repeated.ts'
import { type FilterWords, filterOfWords, type ScheduleWords, scheduleChangeOf } from './schedule-words.ts'
import { schedulesText } from './schedules-text.ts'

interface SetOptions extends CommonOptions, ScheduleWords, FilterWords {
  readonly for?: readonly string[]
}

export function addSchedulesSet(schedules: Command, cli: Cli): void {
  schedules
    .command('set')
    .description('make a schedule, or change what is named of one')
    .usage('[options] <name>')
    .argument('[name]', 'lower-case letters, digits and dashes')
    .option('--cron <expression>', 'of five fields; may be repeated: these replace all there were', repeated)
    .option('--timezone <zone>', "such as Europe/Paris; reader: each reader's own")
    .option('--default', 'for all who have no schedule of their own')
    .option('--on', 'send by it')
    .option('--off', 'send nothing by it until it is on again')
    .option('--kinds <list>', 'only these kinds of mail, such as spam,banned; all: every kind')
    .option('--min-score <number>', 'only mail with this score or more; none: no such bound')
    .option('--max-score <number>', 'only mail with a lower score; none: no such bound')
    .option('--min-messages <number>', 'fewer wait for the next digest')
    .option('--send-empty', 'tell readers, too, when nothing was held')
    .option('--no-send-empty', 'send nothing when nothing was held')
    .option('--spread <time>', "spread a run's mails over this time, such as 30m; 0: all at once")
    .option('--readers-may-choose', 'offer it on the page of preferences')
    .option('--no-readers-may-choose', 'do not')
    .option(
      '--for <scope...>',
      'give it to these readers or domains (@example.com), instead of what they have',
    )
    .option('--json', 'print the schedule as JSON')
    .action(set(cli))
}

const set =
  (cli: Cli) =>
  async (named: string | undefined, _options: SetOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<SetOptions>()
    const change = scheduleChangeOf(options)
    const { name, scopes } = nameAndScopes(named, options.for ?? [])
    const { changed, settings, json } = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      await app.seedSchedules()
      const changed = await setWithFilter(app, name, change, options)
      const settings = await assign(app, name, scopes)
      const next = (await app.desk.schedules.nextRuns(undefined, name))[name]
      return { changed, settings, json: scheduleJson(changed.schedule, next) }
    })
    const warnings = [...changed.warnings, ...settings.flatMap(one => one.warnings)]
    for (const warning of warnings) tell(`Warning: ${warning}`)
    if (options.json) {
      print(
        JSON.stringify({ ...json, created: changed.created, warnings, for: settings.map(one => one.json) }),
      )
      return
    }
    tell(`${changed.created ? 'Made' : 'Set'}:\n${schedulesText([json])}`)
    for (const { json: given } of settings) {
      tell(
        `It is the schedule of ${given.scope} now; time zone of the mails: ${given.timezone ?? 'as it was'}.`,
      )
    }
  }

/** Where the name stands behind `--for`, it was taken for one of whom: but all of these have an at-sign. */
function nameAndScopes(named: string | undefined, whom: readonly string[]) {
  const at = named === undefined ? whom.findIndex(word => !word.includes('@')) : -1
  const name = named ?? whom[at]
  if (name === undefined) {
    throw new CodedError('USAGE', 'Which schedule? For instance: schedules set weekdays --cron "0 7 * * 1-5"')
  }
  return { name, scopes: whom.filter((_, index) => index !== at).map(settableScope) }
}

/** A part of a filter changes that part of the filter that there is: of the very version that was looked at. */
async function setWithFilter(
  app: App,
  name: string,
  change: ScheduleChange,
  words: FilterWords,
): Promise<ChangedSchedule> {
  const by = commandLineEditor()
  const part = filterOfWords(words)
  if (part === undefined) return app.desk.schedules.set(by, name, change)
  const before = (await app.desk.schedules.list(undefined)).find(schedule => schedule.name === name)
  const filter = compact({ ...before?.filter, ...part })
  return app.desk.schedules.set(by, name, { ...change, filter }, before?.version ?? 0)
}

/** A filter in which nothing is said is none. */
function compact(filter: Filter): Filter | null {
  const said = Object.entries(filter).filter(([, value]) => value !== undefined)
  return said.length === 0 ? null : Object.fromEntries(said)
}

async function assign(
  { desk }: App,
  name: string,
  scopes: readonly string[],
): Promise<{ json: SettingsJson; warnings: readonly string[] }[]> {
  const done: { json: SettingsJson; warnings: readonly string[] }[] = []
  for (const scope of scopes) {
    const { settings, warnings } = await desk.settings.giveSchedule(commandLineEditor(), name, scope)
    done.push({ json: settingsJson(settings), warnings })
  }
  return done
}

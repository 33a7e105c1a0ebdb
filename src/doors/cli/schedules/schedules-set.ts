import type { Command } from 'commander'
import { scheduleJson } from '../../../desks/admin/schedules/schedule-json.ts'
import { settingsJson } from '../../../desks/admin/settings/settings-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import { settableScope } from '../../../rules/settings/scope.ts'
import { type Cli, type CommonOptions, print, printNote } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { repeated } from '../repeated.ts'
import { withSettings } from '../with-settings.ts'
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
    const change = { ...scheduleChangeOf(options), filterParts: filterOfWords(options) }
    const { name, scopes } = nameAndScopes(named, options.for ?? [])
    const { done, json } = await withSettings(cli, options, async ({ desk }) => {
      const done = await desk.settings.setAndGive(commandLineEditor(), name, change, { scopes })
      const next = (await desk.schedules.nextRuns(undefined, name))[name]
      return { done, json: scheduleJson(done.schedule, next) }
    })
    const warnings = [...done.warnings, ...done.given.flatMap(one => one.warnings)]
    const given = done.given.map(({ settings }) => settingsJson(settings))
    for (const warning of warnings) printNote(`Warning: ${warning}`)
    if (options.json) {
      print(JSON.stringify({ ...json, created: done.created, warnings, for: given }))
      return
    }
    printNote(`${done.created ? 'Made' : 'Set'}:\n${schedulesText([json])}`)
    for (const { scope, timezone } of given) {
      printNote(`It is the schedule of ${scope} now; time zone of the mails: ${timezone ?? 'as it was'}.`)
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

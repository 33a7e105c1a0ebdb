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
    .description('make a schedule, or change what is given of an existing one')
    .usage('[options] <name>')
    .argument('[name]', 'lower-case letters, digits and dashes')
    .option(
      '--cron <expression>',
      'a cron expression of five fields; may be repeated; replaces all previous ones',
      repeated,
    )
    .option('--timezone <zone>', "such as Europe/Paris; reader: each reader's own")
    .option('--default', 'make it the default, for all readers without a schedule of their own')
    .option('--on', 'switch it on')
    .option('--off', 'switch it off: it sends nothing until it is on again')
    .option('--kinds <list>', 'only these kinds of mail, such as spam,banned; all: every kind')
    .option('--min-score <number>', 'only mail with this score or more; none: no lower limit')
    .option('--max-score <number>', 'only mail with a lower score; none: no upper limit')
    .option('--min-messages <number>', 'the fewest messages that make a digest; fewer wait for the next one')
    .option('--send-empty', 'also tell readers when nothing was held')
    .option('--no-send-empty', 'send nothing when nothing was held')
    .option('--spread <time>', "spread a run's mails over this time, such as 30m; 0: all at once")
    .option('--readers-may-choose', 'offer it on the preferences page')
    .option('--no-readers-may-choose', 'do not offer it')
    .option(
      '--for <scope...>',
      'give it to these readers or domains (@example.com), in place of the schedules they have',
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
    const warnings = [...done.warnings, ...done.given.flatMap(set => set.warnings)]
    const given = done.given.map(({ settings }) => settingsJson(settings))
    for (const warning of warnings) printNote(`Warning: ${warning}`)
    if (options.json) {
      print(JSON.stringify({ ...json, created: done.created, warnings, for: given }))
      return
    }
    printNote(`${done.created ? 'Made' : 'Set'}:\n${schedulesText([json])}`)
    for (const { scope, timezone } of given) {
      printNote(`It is now the schedule of ${scope}; time zone of the mails: ${timezone ?? 'unchanged'}.`)
    }
  }

/** When the name follows `--for`, it was parsed as a scope. It is recognised because scopes contain an at-sign. */
function nameAndScopes(named: string | undefined, forWords: readonly string[]) {
  const nameIndex = named === undefined ? forWords.findIndex(word => !word.includes('@')) : -1
  const name = named ?? forWords[nameIndex]
  if (name === undefined) {
    throw new CodedError('USAGE', 'Which schedule? For instance: schedules set weekdays --cron "0 7 * * 1-5"')
  }
  return { name, scopes: forWords.filter((_, index) => index !== nameIndex).map(settableScope) }
}

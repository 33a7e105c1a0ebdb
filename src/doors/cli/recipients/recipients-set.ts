import type { Command } from 'commander'
import type { ReaderExplanation } from '../../../desks/admin/settings/explain-settings.ts'
import { settingsJson } from '../../../desks/admin/settings/settings-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import { timeZoneName } from '../../../ground/i18n/time-zone-name.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { EXPECTED_LOCKS, EXPECTED_PAUSE, readLocks, readPause } from '../../../rules/settings/read-words.ts'
import { layersOf, scopeOf } from '../../../rules/settings/scope.ts'
import type { SettingsChange } from '../../../rules/settings/setting-faults.ts'
import {
  LOCK_FIELDS,
  type LockField,
  NOT_PAUSED,
  type SettingFields,
} from '../../../rules/settings/setting-fields.ts'
import { settingWords } from '../../../rules/settings/settings-words.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, tell } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { repeated } from '../repeated.ts'
import { withSettings } from '../with-settings.ts'

interface SetOptions extends CommonOptions {
  readonly schedule?: readonly string[]
  readonly cron?: readonly string[]
  readonly language?: string
  readonly timezone?: string
  readonly deliverTo?: string
  readonly pauseUntil?: string
  readonly resume?: boolean
  readonly on?: boolean
  readonly off?: boolean
  readonly lock?: readonly string[]
  readonly unlock?: readonly string[]
  readonly clear?: readonly string[]
}

export function addRecipientsSet(recipients: Command, cli: Cli): void {
  recipients
    .command('set')
    .description(
      'change what is set for a reader, a domain (with its readers, not its subdomains) or everybody',
    )
    .argument('<address>', 'alice@example.com, @example.com or @')
    .option('--schedule <name>', 'by which schedule digests come; may be repeated', repeated)
    .option(
      '--cron <expression>',
      "by a schedule of their own, in the time zone of --timezone, else each reader's own; may be repeated",
      repeated,
    )
    .option('--language <tag>', 'such as de')
    .option('--timezone <zone>', 'such as Europe/Paris')
    .option(
      '--deliver-to <address>',
      "another mailbox for the digests (a reader's own: whatever the domain says); a reader is told",
    )
    .option(
      '--pause-until <date>',
      '2026-12-24 (until that day begins), 2026-12-24T18:00, 1w, 30d or forever',
    )
    .option('--resume', 'end a pause, also a wider one')
    .option('--on', 'digests')
    .option('--off', 'no digests')
    .option('--lock <field...>', `what readers cannot change: ${FIELDS.slice(0, -2).join(', ')}`)
    .option('--unlock <field...>', 'what readers can change')
    .option('--clear <field...>', `as the wider settings say: ${FIELDS.join(', ')}`)
    .option('--json', 'print the settings as JSON')
    .action(set(cli))
}

/** The words of `--clear`, and which setting each one is. */
const CLEARED = {
  schedule: 'schedules',
  language: 'language',
  timezone: 'timeZone',
  'deliver-to': 'deliverTo',
  pause: 'pausedUntil',
  on: 'enabled',
  lock: 'locked',
} as const satisfies Record<string, keyof SettingFields>

const FIELDS = Object.keys(CLEARED) as (keyof typeof CLEARED)[]

const set =
  (cli: Cli) =>
  async (address: string, _options: SetOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<SetOptions>()
    const given = wordsOf(options)
    const { settings, warnings } = await withSettings(cli, options, async ({ desk }) => {
      const scope = scopeOf(address)
      const { change, expected } = await withWhatHolds(desk, scope, given, options)
      const by = commandLineEditor()
      if (!options.cron) return desk.settings.set(by, scope, change, expected)
      const own = { crons: options.cron, timeZone: options.timezone, settings: change }
      const made = await desk.settings.setOwnSchedule(by, scope, own)
      tell(`${made.created ? 'Made' : 'Set'} ${scheduleWords(made.schedule)}.`)
      return made
    })
    if (options.json) print(JSON.stringify(settingsJson(settings)))
    tell(`${settings.scope}: ${summary(settings)}.`)
    for (const warning of warnings) tell(`Note: ${warning}`)
  }

/** What is said without regard to what holds now. @throws CodedError USAGE */
function wordsOf(options: SetOptions): SettingsChange {
  if (options.on && options.off) throw usage('Either --on or --off.')
  if (options.resume && options.pauseUntil !== undefined) throw usage('Either --pause-until or --resume.')
  const set: SettingsChange = {
    schedules: options.schedule,
    language: options.language,
    timeZone: options.timezone,
    deliverTo: options.deliverTo,
    pausedUntil: options.resume ? NOT_PAUSED : undefined,
    enabled: options.on ? true : options.off ? false : undefined,
  }
  const cleared = (options.clear ?? []).map(clearedField)
  const both = FIELDS.find(field => cleared.includes(field) && isGiven(options, set, field))
  if (both) throw usage(`Either set ${both} or --clear it.`)
  const change = { ...set, ...Object.fromEntries(cleared.map(field => [CLEARED[field], null])) }
  if (cleared.length === 0 && !FIELDS.some(field => isGiven(options, set, field))) throw usage(NOTHING)
  return change
}

const NOTHING = 'Say what to set, for instance: recipients set @example.com --language de'

function clearedField(word: string): keyof typeof CLEARED {
  const name = word.trim().toLowerCase()
  const field = FIELDS.find(known => known === name || CLEARED[known].toLowerCase() === name)
  if (field) return field
  throw usage(`--clear: expected some of ${FIELDS.join(', ')}, found ${JSON.stringify(word)}.`)
}

function isGiven(options: SetOptions, set: SettingsChange, field: keyof typeof CLEARED): boolean {
  if (field === 'lock') return options.lock !== undefined || options.unlock !== undefined
  if (field === 'pause' && options.pauseUntil !== undefined) return true
  if (field === 'schedule' && options.cron !== undefined) return true
  return set[CLEARED[field]] !== undefined
}

/** A date is one by the clocks that hold for the scope, and locks are added to those that hold. */
async function withWhatHolds(
  desk: App['desk'],
  scope: string,
  change: SettingsChange,
  options: SetOptions,
): Promise<{ readonly change: SettingsChange; readonly expected: number | undefined }> {
  const { pauseUntil, lock, unlock } = options
  const changesLocks = lock !== undefined || unlock !== undefined
  if (pauseUntil === undefined && !changesLocks) return { change, expected: undefined }
  const holds = await desk.settings.explain(undefined, scope)
  const pausedUntil =
    pauseUntil === undefined ? change.pausedUntil : pauseOf(pauseUntil, await zoneOf(desk, holds, change))
  const locked = changesLocks ? locksOf(holds.locked.value, lock ?? [], unlock ?? []) : change.locked
  // Whoever changes the locks meanwhile is not to be undone.
  return {
    change: { ...change, pausedUntil, locked },
    expected: changesLocks ? (holds.own?.version ?? 0) : undefined,
  }
}

async function zoneOf(
  desk: App['desk'],
  { scope, timeZone }: ReaderExplanation,
  change: SettingsChange,
): Promise<string> {
  if (change.timeZone) return timeZoneName(change.timeZone) ?? timeZone.value
  const [, wider] = layersOf(scope)
  if (change.timeZone === undefined || wider === undefined) return timeZone.value
  return (await desk.settings.explain(undefined, wider)).timeZone.value
}

function pauseOf(text: string, timeZone: string): number {
  const time = readPause(text, timeZone, Date.now())
  if (time !== undefined) return time
  throw usage(`--pause-until: ${EXPECTED_PAUSE}, found ${JSON.stringify(text)}.`)
}

function locksOf(
  held: readonly LockField[],
  lock: readonly string[],
  unlock: readonly string[],
): readonly LockField[] {
  const [added, removed] = [lockFields('--lock', lock), lockFields('--unlock', unlock)]
  const both = added.find(field => removed.includes(field))
  if (both) throw usage(`Either --lock or --unlock ${both}.`)
  return LOCK_FIELDS.filter(
    field => added.includes(field) || (held.includes(field) && !removed.includes(field)),
  )
}

function lockFields(option: string, words: readonly string[]): readonly LockField[] {
  const fields = readLocks(words)
  if (fields) return fields
  throw usage(`${option}: ${EXPECTED_LOCKS}, found ${JSON.stringify(words.join(' '))}.`)
}

const usage = (message: string): CodedError => new CodedError('USAGE', message)

function scheduleWords({ name, crons, timeZone }: Schedule): string {
  const zone = timeZone === READERS_OWN ? "each reader's own time zone" : timeZone
  return `the schedule ${name}: ${crons.join(', ')} in ${zone}`
}

function summary(settings: SettingFields): string {
  const set = settingWords(settings).filter(([, words]) => words !== '-')
  return set.length === 0
    ? 'nothing is set any more'
    : set.map(([name, words]) => `${name} ${words}`).join(', ')
}

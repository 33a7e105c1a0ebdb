import type { Command } from 'commander'
import { settingsJson } from '../../../desks/admin/settings/settings-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { EXPECTED_LOCKS, EXPECTED_PAUSE, readLocks, readPause } from '../../../rules/settings/read-words.ts'
import type { SettingsChange } from '../../../rules/settings/setting-faults.ts'
import { type LockField, NOT_PAUSED, type SettingFields } from '../../../rules/settings/setting-fields.ts'
import type { SettingsWish } from '../../../rules/settings/settings-wish.ts'
import { settingWords } from '../../../rules/settings/settings-words.ts'
import { type Cli, type CommonOptions, print, printNote } from '../context.ts'
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
  readonly phrase?: string
  /** False for --no-copies. */
  readonly copies?: boolean
  readonly copyTo?: readonly string[]
  readonly leaveOutBlocked?: boolean
  readonly listBlocked?: boolean
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
    .option('--schedule <name>', 'the schedule by which digests come; may be repeated', repeated)
    .option(
      '--cron <expression>',
      "give them a schedule of their own, in the time zone of --timezone or else each reader's own; may be repeated",
      repeated,
    )
    .option('--language <tag>', 'such as de')
    .option('--timezone <zone>', 'such as Europe/Paris')
    .option(
      '--deliver-to <address>',
      "send the digests to another mailbox (a reader's own overrides the domain's setting); a reader is told",
    )
    .option(
      '--copy-to <address>',
      'send a copy of each digest to this address, too, such as a deputy: its links act for the reader, who is told; may be repeated, and replaces what is set',
      repeated,
    )
    .option('--no-copies', 'send no copies, even if the wider settings say so')
    .option('--leave-out-blocked', 'leave mail of senders on a block list out of digests')
    .option('--list-blocked', 'list it, even if the wider settings leave it out')
    .option(
      '--pause-until <date>',
      '2026-12-24 (until that day begins), 2026-12-24T18:00, 1w, 30d or forever',
    )
    .option('--resume', 'end a pause, even one of the domain or of everybody')
    .option('--on', 'send digests')
    .option('--off', 'send no digests')
    .option(
      '--phrase <text>',
      'words by which a reader knows that a digest is genuine: it shows them; at most 60 characters',
    )
    .option('--lock <field...>', `let readers no longer change: ${FIELDS.slice(0, 5).join(', ')}`)
    .option('--unlock <field...>', 'let readers change these again')
    .option('--clear <field...>', `clear these, so that the wider settings hold: ${FIELDS.join(', ')}`)
    .option('--json', 'print the settings as JSON')
    .action(set(cli))
}

/** The words of `--clear`, and the setting that each one clears. */
const CLEARED = {
  schedule: 'schedules',
  language: 'language',
  timezone: 'timeZone',
  'deliver-to': 'deliverTo',
  pause: 'pausedUntil',
  on: 'enabled',
  lock: 'locked',
  phrase: 'phrase',
  'copy-to': 'copyTo',
  'leave-out-blocked': 'leaveOutBlocked',
} as const satisfies Record<string, keyof SettingFields>

const FIELDS = Object.keys(CLEARED) as (keyof typeof CLEARED)[]

const set =
  (cli: Cli) =>
  async (address: string, _options: SetOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<SetOptions>()
    const wish = wishOf(options)
    const { settings, warnings } = await withSettings(cli, options, async ({ desk }) => {
      const by = commandLineEditor()
      if (!options.cron) return desk.settings.set(by, address, wish)
      const own = { crons: options.cron, timeZone: options.timezone, settings: wish }
      const made = await desk.settings.setOwnSchedule(by, address, own)
      printNote(`${made.created ? 'Made' : 'Set'} ${scheduleWords(made.schedule)}.`)
      return made
    })
    if (options.json) print(JSON.stringify(settingsJson(settings)))
    printNote(`${settings.scope}: ${summary(settings)}.`)
    for (const warning of warnings) printNote(`Note: ${warning}`)
  }

/** The change that the options ask for. @throws CodedError USAGE */
function wishOf(options: SetOptions): SettingsWish {
  if (options.on && options.off) throw usage('Either --on or --off.')
  if (options.resume && options.pauseUntil !== undefined) throw usage('Either --pause-until or --resume.')
  if (options.copies === false && options.copyTo) throw usage('Either --copy-to or --no-copies.')
  if (options.leaveOutBlocked && options.listBlocked)
    throw usage('Either --leave-out-blocked or --list-blocked.')
  const set: SettingsChange = {
    schedules: options.schedule,
    language: options.language,
    timeZone: options.timezone,
    deliverTo: options.deliverTo,
    pausedUntil: options.resume ? NOT_PAUSED : undefined,
    enabled: options.on ? true : options.off ? false : undefined,
    phrase: options.phrase,
    copyTo: options.copies === false ? [] : options.copyTo,
    leaveOutBlocked: options.leaveOutBlocked ? true : options.listBlocked ? false : undefined,
  }
  const cleared = (options.clear ?? []).map(clearedField)
  const both = FIELDS.find(field => cleared.includes(field) && isGiven(options, set, field))
  if (both) throw usage(`Either set ${both} or --clear it.`)
  const change = { ...set, ...Object.fromEntries(cleared.map(field => [CLEARED[field], null])) }
  if (cleared.length === 0 && !FIELDS.some(field => isGiven(options, set, field))) throw usage(NOTHING)
  return { ...change, ...locksOf(options), pauseUntil: pauseOf(options) }
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

function locksOf({ lock, unlock }: SetOptions): Pick<SettingsWish, 'lock' | 'unlock'> {
  const [added, removed] = [lock && lockFields('--lock', lock), unlock && lockFields('--unlock', unlock)]
  const both = added?.find(field => removed?.includes(field))
  if (both) throw usage(`Either --lock or --unlock ${both}.`)
  return { lock: added, unlock: removed }
}

function lockFields(option: string, words: readonly string[]): readonly LockField[] {
  const fields = readLocks(words)
  if (fields) return fields
  throw usage(`${option}: ${EXPECTED_LOCKS}, found ${JSON.stringify(words.join(' '))}.`)
}

/** A date starts in the time zone that holds for the scope. */
function pauseOf({ pauseUntil: text }: SetOptions): SettingsWish['pauseUntil'] {
  if (text === undefined) return undefined
  const read = (timeZone: string): number => {
    const time = readPause(text, timeZone, Date.now())
    if (time !== undefined) return time
    throw usage(`--pause-until: ${EXPECTED_PAUSE}, found ${JSON.stringify(text)}.`)
  }
  // Fails early if the text is invalid: that does not depend on the time zone.
  read('UTC')
  return read
}

const usage = (message: string): CodedError => new CodedError('USAGE', message)

function scheduleWords({ name, crons, timeZone }: Schedule): string {
  const zone = timeZone === READERS_OWN ? "each reader's own time zone" : timeZone
  return `the schedule ${name}: ${crons.join(', ')} in ${zone}`
}

function summary(settings: SettingFields): string {
  const set = settingWords(settings).filter(([, words]) => words !== '-')
  return set.length === 0 ? 'nothing is set now' : set.map(([name, words]) => `${name} ${words}`).join(', ')
}

import { mailableAddress } from '../../ground/directory/mailable-address.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'
import { knownLanguage } from '../../ground/i18n/language-tag.ts'
import { expectedTimeZone, timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import {
  cleanPhrase,
  FOREVER,
  LOCK_FIELDS,
  LONGEST_PHRASE,
  MOST_COPIES,
  NOT_PAUSED,
  type SettingFields,
} from './setting-fields.ts'

/** A change of settings. Null clears a setting, so that the wider scope decides; undefined leaves it as it is. */
export type SettingsChange = { readonly [Key in keyof SettingFields]?: SettingFields[Key] | undefined }

export interface SettingFault {
  readonly field: keyof SettingFields
  /** What is expected, and what was found. */
  readonly message: string
}

/** What a change is checked against. */
export interface SettingRules {
  /** Names of the schedules that exist. */
  readonly schedules: readonly string[]
  /** Languages that have a translation. */
  readonly languages: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Refuses settings with invalid values. Keeps each fault by itself, for pages that show it beside its field. */
export class SettingFaults extends CodedError {
  readonly faults: readonly SettingFault[]

  constructor(scope: string, faults: readonly SettingFault[]) {
    const lines = faults.map(({ field, message }) => `${SETTING_WORDS[field]}: ${message}`)
    const [first = ''] = lines
    const message =
      lines.length === 1 ? `${scope}: ${first}` : `${scope}: ${lines.length} faults:\n${lines.join('\n')}`
    super('SETTING_INVALID', `${message}\nNothing was changed.`)
    this.faults = faults
  }
}

/** What each setting is called in messages. */
export const SETTING_WORDS: Readonly<Record<keyof SettingFields, string>> = {
  schedules: 'schedules',
  language: 'language',
  timeZone: 'time zone',
  deliverTo: 'deliver to',
  pausedUntil: 'paused until',
  enabled: 'on',
  locked: 'locked',
  phrase: 'phrase',
  copyTo: 'copy to',
  leaveOutBlocked: 'leave out blocked',
}

/** The change in its canonical spelling. @throws CodedError SETTING_INVALID with all faults */
export function requireSettings(
  deps: { readonly locales: { readonly languages: readonly string[] }; readonly clock: () => number },
  scope: string,
  change: SettingsChange,
  schedules: readonly { readonly name: string }[],
): SettingsChange {
  const names = schedules.map(({ name }) => name)
  const rules = { schedules: names, languages: deps.locales.languages, now: deps.clock() }
  const checked = checkChange(change, rules)
  if (checked.faults.length > 0) throw new SettingFaults(scope, checked.faults)
  return checked.change
}

/** The change in its canonical spelling, and everything that is wrong with it. */
export function checkChange(
  change: SettingsChange,
  rules: SettingRules,
): { readonly change: SettingsChange; readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = []
  const checked = <Key extends keyof SettingFields>(
    field: Key,
    check: (value: NonNullable<SettingFields[Key]>) => SettingFields[Key] | Fault,
  ) => {
    const value = change[field]
    if (value === undefined || value === null) return value
    const answer = check(value as NonNullable<SettingFields[Key]>)
    if (!(answer instanceof Fault)) return answer
    faults.push({ field, message: answer.message })
    return undefined
  }
  const canonical: SettingsChange = {
    schedules: checked('schedules', names => schedulesOf(names, rules.schedules)),
    language: checked('language', tag => languageOf(tag, rules.languages)),
    timeZone: checked('timeZone', zoneOf),
    deliverTo: checked('deliverTo', destinationOf),
    pausedUntil: checked('pausedUntil', time => pauseOf(time, rules.now)),
    enabled: checked('enabled', enabled => enabled),
    locked: checked('locked', fields => LOCK_FIELDS.filter(field => fields.includes(field))),
    phrase: checked('phrase', phraseOf),
    copyTo: checked('copyTo', copiesOf),
    leaveOutBlocked: checked('leaveOutBlocked', isLeftOut => isLeftOut),
  }
  return { change: canonical, faults }
}

class Fault {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

function schedulesOf(names: readonly string[], known: readonly string[]): readonly string[] | Fault {
  const unknown = names.filter(name => !known.includes(name))
  if (unknown.length > 0) {
    const existing = known.length === 0 ? 'no schedule exists' : `existing ones: ${known.join(', ')}`
    return new Fault(`there is no schedule ${unknown.map(quoted).join(', ')}; ${existing}`)
  }
  if (names.length === 0)
    return new Fault('expected the name of a schedule; to send no digests, switch them off')
  return [...new Set(names)]
}

function languageOf(text: string, languages: readonly string[]): string | Fault {
  const tag = knownLanguage(text, languages)
  if (tag !== undefined && tag.length <= LONGEST_TAG) return tag
  return new Fault(
    `expected a language that has a translation (${languages.join(', ')}), found ${quoted(text)}`,
  )
}

/** The width of the column. */
const LONGEST_TAG = 64

function zoneOf(text: string): string | Fault {
  const zone = timeZoneName(text)
  if (zone !== undefined) return zone
  return new Fault(`${expectedTimeZone(text)}, found ${quoted(text)}`)
}

function destinationOf(text: string): string | Fault {
  const address = mailableAddress(text)
  if (address === undefined)
    return new Fault(`expected an address such as alice@example.com, found ${quoted(text)}`)
  return address
}

/** The addresses without repetitions: of several spellings, the last. */
function copiesOf(texts: readonly string[]): readonly string[] | Fault {
  const bad = texts.filter(text => mailableAddress(text) === undefined)
  if (bad.length > 0) {
    const found = bad.slice(0, MOST_COPIES).map(quoted).join(', ')
    return new Fault(`expected addresses such as alice@example.com, found ${found}`)
  }
  const addresses = texts.flatMap(text => mailableAddress(text) ?? [])
  const copies = [...new Map(addresses.map(address => [readerAddress(address), address])).values()]
  if (copies.length <= MOST_COPIES) return copies
  return new Fault(`expected at most ${MOST_COPIES} addresses, found ${copies.length}`)
}

function phraseOf(text: string): string | Fault {
  const length = [...text.trim()].length
  if (length > LONGEST_PHRASE)
    return new Fault(`expected at most ${LONGEST_PHRASE} characters, found ${length}`)
  return cleanPhrase(text) || new Fault('expected some words; to have no phrase, clear it')
}

function pauseOf(time: number, now: number): number | Fault {
  if (time === NOT_PAUSED) return time
  if (Number.isSafeInteger(time) && time > now && time <= FOREVER) return time
  return new Fault('expected a time that is still to come, before the year 10000')
}

/** A stranger's text inside a message: shortened, and escaped so that it cannot affect a terminal. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 100))

import { mailableAddress } from '../../ground/directory/mailable-address.ts'
import { CodedError } from '../../ground/errors.ts'
import { knownLanguage } from '../../ground/i18n/language-tag.ts'
import { timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import { FOREVER, LOCK_FIELDS, NOT_PAUSED, type SettingFields } from './setting-fields.ts'

/** What shall change: null for what the wider scope says from now on, undefined for what stays. */
export type SettingsChange = { readonly [Key in keyof SettingFields]?: SettingFields[Key] | undefined }

export interface SettingFault {
  readonly field: keyof SettingFields
  /** What is expected, and what was found. */
  readonly message: string
}

/** What a change is measured by. */
export interface SettingRules {
  /** Names of the schedules that may be named. */
  readonly schedules: readonly string[]
  /** Languages that there are words for. */
  readonly languages: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Some settings cannot be what they shall be; each fault by itself for those who show them beside the fields. */
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
}

/** The change in one spelling. @throws CodedError SETTING_INVALID with all faults */
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

/** The change in one spelling, and everything that is wrong with it. */
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
    const there = known.length === 0 ? 'there is none' : `there are: ${known.join(', ')}`
    return new Fault(`there is no schedule ${unknown.map(found).join(', ')}; ${there}`)
  }
  if (names.length === 0) return new Fault('expected the name of a schedule; who shall get nothing is off')
  return [...new Set(names)]
}

function languageOf(text: string, languages: readonly string[]): string | Fault {
  const tag = knownLanguage(text, languages)
  if (tag !== undefined && tag.length <= LONGEST_TAG) return tag
  return new Fault(
    `expected a language that there are words for (${languages.join(', ')}), found ${found(text)}`,
  )
}

/** The column takes no more. */
const LONGEST_TAG = 64

function zoneOf(text: string): string | Fault {
  const zone = timeZoneName(text)
  if (zone !== undefined) return zone
  return new Fault(`expected a time zone such as Europe/Paris, found ${found(text)}`)
}

function destinationOf(text: string): string | Fault {
  const address = mailableAddress(text)
  if (address === undefined)
    return new Fault(`expected an address such as alice@example.com, found ${found(text)}`)
  return address
}

function pauseOf(time: number, now: number): number | Fault {
  if (time === NOT_PAUSED) return time
  if (Number.isSafeInteger(time) && time > now && time <= FOREVER) return time
  return new Fault('expected a time that is still to come, before the year 10000')
}

/** Strangers' words in a message: cut, and quoted so that they do nothing to a terminal. */
const found = (text: string): string => JSON.stringify(text.slice(0, 100))

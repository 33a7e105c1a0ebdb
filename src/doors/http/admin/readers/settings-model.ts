import type { Explained, ReaderExplanation } from '../../../../desks/admin/settings/explain-settings.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import type { Schedule } from '../../../../rules/schedule/schedule.ts'
import { EVERYBODY, isReader } from '../../../../rules/settings/scope.ts'
import { FOREVER, LOCK_FIELDS, type LockField } from '../../../../rules/settings/setting-fields.ts'
import { languageName, languageOptions } from '../../web/language-options.ts'
import type { Writer } from '../frame/admin-pages.ts'
import { type FieldFault, faultModels, faultsByField } from '../frame/form-faults.ts'
import { optionsOf } from '../frame/options.ts'
import { shownScope } from '../frame/scope-page.ts'
import { TIME_ZONES } from '../frame/time-zones.ts'
import { SETTINGS_FIELDS, type SettingsField, type SettingsValues } from './settings-values.ts'

/** The settings of a reader, a domain or everybody, as they are shown and changed. */
export interface SettingsPage {
  readonly held: ReaderExplanation
  readonly values: SettingsValues
  /** The version that was looked at. */
  readonly version: number
  readonly faults: readonly FieldFault<SettingsField>[]
  /** Who has changed it meanwhile. */
  readonly conflict?: string | undefined
  readonly schedules: readonly Schedule[]
  /** That there are words for. */
  readonly languages: readonly string[]
}

export function settingsModel(page: SettingsPage, writer: Writer): object {
  const { held, values, version, schedules } = page
  const { words } = writer
  const faults = faultModels(page.faults, words)
  return {
    scope: held.scope,
    shown: shownScope(held.scope, writer),
    isReader: isReader(held.scope),
    isEverybody: held.scope === EVERYBODY,
    version,
    values,
    isSet: held.own !== undefined,
    facts: factsOf(held, writer),
    next: held.next === undefined ? undefined : writer.time(held.next),
    warnings: held.warnings.length > 0 ? held.warnings : undefined,
    missing: held.missing.length > 0 ? held.missing.join(', ') : undefined,
    faults: faults.length > 0 ? faults : undefined,
    at: faultsByField(SETTINGS_FIELDS, faults),
    conflict: page.conflict,
    schedules: scheduleChoices(schedules, values).map(name => ({
      name,
      checked: values.schedules.includes(name),
    })),
    languages: languageOptions(page.languages, values.language || undefined),
    noLanguage: values.language === '',
    zones: TIME_ZONES,
    pauses: choices(values.pause, ['', 'no', 'until', 'forever'], 'pause', writer),
    enableds: choices(values.enabled, ['', 'yes', 'no'], 'enabled', writer),
    lockModes: choices(values.locks, ['', 'own'], 'locks', writer),
    locks: LOCK_FIELDS.map(field => ({
      value: field,
      label: lockWords(field, writer),
      checked: values.locked.includes(field),
    })),
  }
}

/** Those that are set stay to be seen, though they are not there any more. */
const scheduleChoices = (schedules: readonly Schedule[], { schedules: set }: SettingsValues): string[] => [
  ...new Set([...schedules.map(({ name }) => name), ...set]),
]

const choices = (chosen: string, values: readonly string[], field: string, { words }: Writer): object[] =>
  optionsOf(values, chosen, value => words.say(`admin.readers.${field}.${value === '' ? 'wider' : value}`))

const lockWords = (field: LockField, { words }: Writer): string => words.say(`admin.readers.field.${field}`)

/** What holds, and where it comes from. */
function factsOf(held: ReaderExplanation, writer: Writer): object[] {
  const { words } = writer
  const list = new Intl.ListFormat(words.language)
  const fact = (field: string, { from, scope }: Explained<unknown>, value: string) => ({
    label: words.say(`admin.readers.field.${field}`),
    value,
    from:
      from === 'domain'
        ? words.say('admin.readers.from.domain', { domain: scope ?? '' })
        : fromWords(from, held, writer),
    isOwn: scope === held.scope,
  })
  const names = held.held.map(({ name }) => name)
  const locked = held.locked.value.map(field => lockWords(field, writer))
  return [
    fact('enabled', held.enabled, words.say(held.enabled.value ? 'admin.readers.on' : 'admin.readers.off')),
    fact(
      'schedules',
      held.schedules,
      names.length > 0 ? list.format(names) : words.say('admin.readers.noSchedule'),
    ),
    fact('language', held.language, languageName(held.language.value)),
    fact('timeZone', held.timeZone, held.timeZone.value),
    fact('deliverTo', held.deliverTo, deliverToWords(held, writer)),
    fact('pause', held.pausedUntil, pauseWords(held, writer)),
    fact('locked', held.locked, locked.length > 0 ? list.format(locked) : words.say('admin.readers.nothing')),
  ]
}

function fromWords(from: Explained<unknown>['from'], held: ReaderExplanation, { words }: Writer): string {
  const isHere = from === 'reader' || (from === 'everybody' && held.scope === EVERYBODY)
  return words.say(`admin.readers.from.${isHere ? 'here' : from}`)
}

const deliverToWords = ({ deliverTo }: ReaderExplanation, { words }: Writer): string =>
  deliverTo.value === undefined ? words.say('admin.readers.ownMailbox') : displayAddress(deliverTo.value, 255)

function pauseWords({ isPaused, pausedUntil }: ReaderExplanation, { words, time }: Writer): string {
  if (!isPaused || pausedUntil.value === undefined) return words.say('admin.readers.notPaused')
  if (pausedUntil.value >= FOREVER) return words.say('admin.readers.pausedForever')
  return words.say('admin.readers.pausedUntil', { until: time(pausedUntil.value) })
}

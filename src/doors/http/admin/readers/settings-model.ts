import type { Explained, ReaderExplanation } from '../../../../desks/admin/settings/explain-settings.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import type { Schedule } from '../../../../rules/schedule/schedule.ts'
import { EVERYBODY, isReader } from '../../../../rules/settings/scope.ts'
import { FOREVER, LOCK_FIELDS, type LockField } from '../../../../rules/settings/setting-fields.ts'
import { languageName, languageOptions } from '../../web/language-options.ts'
import { optionsOf } from '../../web/options.ts'
import type { Writer } from '../../web/writer.ts'
import { type FieldFault, faultModels, faultsByField } from '../frame/form-faults.ts'
import { shownScope } from '../frame/scope-page.ts'
import { TIME_ZONES } from '../frame/time-zones.ts'
import { SETTINGS_FIELDS, type SettingsField, type SettingsValues } from './settings-values.ts'

/** The page on which the settings of a reader, a domain or everybody are shown and changed. */
export interface SettingsPage {
  readonly explanation: ReaderExplanation
  readonly values: SettingsValues
  /** The version that the form was filled from. */
  readonly version: number
  readonly faults: readonly FieldFault<SettingsField>[]
  /** The message that says who changed the settings meanwhile. */
  readonly conflict?: string | undefined
  readonly schedules: readonly Schedule[]
  /** The languages that have a locale. */
  readonly languages: readonly string[]
}

export function settingsModel(page: SettingsPage, writer: Writer): object {
  const { explanation, values, version, schedules } = page
  const { words } = writer
  const faults = faultModels(page.faults, words)
  return {
    scope: explanation.scope,
    shown: shownScope(explanation.scope, writer),
    isReader: isReader(explanation.scope),
    isEverybody: explanation.scope === EVERYBODY,
    version,
    values,
    isSet: explanation.own !== undefined,
    facts: factsOf(explanation, writer),
    next: explanation.next === undefined ? undefined : writer.time(explanation.next),
    warnings: explanation.warnings.length > 0 ? explanation.warnings : undefined,
    missing: explanation.missing.length > 0 ? explanation.missing.join(', ') : undefined,
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
    blockeds: choices(values.leaveOutBlocked, ['', 'no', 'yes'], 'leaveOutBlocked', writer),
    lockModes: choices(values.locks, ['', 'own'], 'locks', writer),
    locks: LOCK_FIELDS.map(field => ({
      value: field,
      label: lockWords(field, writer),
      checked: values.locked.includes(field),
    })),
  }
}

/** Schedules that are set remain visible even after they were removed. */
const scheduleChoices = (schedules: readonly Schedule[], { schedules: set }: SettingsValues): string[] => [
  ...new Set([...schedules.map(({ name }) => name), ...set]),
]

const choices = (chosen: string, values: readonly string[], field: string, { words }: Writer): object[] =>
  optionsOf(values, chosen, value => words.say(`admin.readers.${field}.${value === '' ? 'wider' : value}`))

const lockWords = (field: LockField, { words }: Writer): string => words.say(`admin.readers.field.${field}`)

/** The settings that apply, and where each comes from. */
function factsOf(explanation: ReaderExplanation, writer: Writer): object[] {
  const { words } = writer
  const list = new Intl.ListFormat(words.language)
  const fact = (field: string, { from, scope }: Explained<unknown>, value: string) => ({
    label: words.say(`admin.readers.field.${field}`),
    value,
    from:
      from === 'domain'
        ? words.say('admin.readers.from.domain', { domain: scope ?? '' })
        : fromWords(from, explanation, writer),
    isOwn: scope === explanation.scope,
  })
  const names = explanation.held.map(({ name }) => name)
  const locked = explanation.locked.value.map(field => lockWords(field, writer))
  return [
    fact(
      'enabled',
      explanation.enabled,
      words.say(explanation.enabled.value ? 'admin.readers.on' : 'admin.readers.off'),
    ),
    fact(
      'schedules',
      explanation.schedules,
      names.length > 0 ? list.format(names) : words.say('admin.readers.noSchedule'),
    ),
    fact('language', explanation.language, languageName(explanation.language.value)),
    fact('timeZone', explanation.timeZone, explanation.timeZone.value),
    fact('deliverTo', explanation.deliverTo, deliverToWords(explanation, writer)),
    fact('copyTo', explanation.copyTo, copyToWords(explanation, writer)),
    fact(
      'leaveOutBlocked',
      explanation.leaveOutBlocked,
      words.say(`admin.readers.leaveOutBlocked.${explanation.leaveOutBlocked.value ? 'yes' : 'no'}`),
    ),
    fact('phrase', explanation.phrase, explanation.phrase.value || words.say('admin.readers.nothing')),
    fact('pause', explanation.pausedUntil, pauseWords(explanation, writer)),
    fact(
      'locked',
      explanation.locked,
      locked.length > 0 ? list.format(locked) : words.say('admin.readers.nothing'),
    ),
  ]
}

function fromWords(
  from: Explained<unknown>['from'],
  explanation: ReaderExplanation,
  { words }: Writer,
): string {
  const isHere = from === 'reader' || (from === 'everybody' && explanation.scope === EVERYBODY)
  return words.say(`admin.readers.from.${isHere ? 'here' : from}`)
}

const deliverToWords = ({ deliverTo }: ReaderExplanation, { words }: Writer): string =>
  deliverTo.value === undefined ? words.say('admin.readers.ownMailbox') : displayAddress(deliverTo.value, 255)

function copyToWords({ copyTo }: ReaderExplanation, { words }: Writer): string {
  if (copyTo.value.length === 0) return words.say('admin.readers.nobody')
  return new Intl.ListFormat(words.language).format(copyTo.value.map(address => displayAddress(address, 255)))
}

function pauseWords({ isPaused, pausedUntil }: ReaderExplanation, { words, time }: Writer): string {
  if (!isPaused || pausedUntil.value === undefined) return words.say('admin.readers.notPaused')
  if (pausedUntil.value >= FOREVER) return words.say('admin.readers.pausedForever')
  return words.say('admin.readers.pausedUntil', { until: time(pausedUntil.value) })
}

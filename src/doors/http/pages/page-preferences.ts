import type { OfferedSchedule, Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import type { Waiting } from '../../../desks/reader/settings/waiting.ts'
import { displayAddress, fullAddress } from '../../../ground/display/address.ts'
import { formatList, formatScore, formatTime, type Place } from '../../../ground/display/format.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import type { Filter } from '../../../rules/schedule/filter.ts'
import type { Rhythm } from '../../../rules/schedule/rhythm.ts'
import { LONGEST_PHRASE } from '../../../rules/settings/setting-fields.ts'
import { languageName, languageOptions } from '../web/language-options.ts'
import type { DestinationPage, Done, PreferencesPage } from './preferences-view.ts'
import { timeZoneGroups } from './time-zone-groups.ts'

/** The model for the page of a reader's settings. */
export function preferencesModel({ preferences, done }: PreferencesPage, words: Words, place: Place): object {
  const { paused, isOff, locked } = preferences
  const isFixed = (field: Preferences['locked'][number]) => locked.includes(field)
  return {
    wide: true,
    reader: displayAddress(preferences.reader),
    heading: words.say(`page.preferences.title${isOff ? 'Off' : paused ? 'Paused' : 'Active'}`),
    isOff,
    paused,
    until: preferences.pausedUntil && formatTime(preferences.pausedUntil, 'date', place),
    next: preferences.nextAt && formatTime(preferences.nextAt, 'moment', place),
    notice: done && noticeOf(done, preferences, place),
    waiting: waitingOf(preferences.waiting, words, place),
    onItsWay: preferences.waiting.onItsWay,
    earlier: earlierOf(preferences.waiting, words),
    mayPause: !isFixed('pause'),
    isAllFixed: isFixed('schedules') && isFixed('language') && isFixed('timeZone'),
    schedule: scheduleModel(preferences, words, place),
    languages: languageModel(preferences, words),
    timeZones: timeZoneModel(preferences, words),
    phrase: preferences.phrase,
    sendersUrl: undefined,
    blocked: blockedModel(preferences, words),
    longestPhrase: LONGEST_PHRASE,
    destination: {
      isFixed: isFixed('deliverTo'),
      now: displayAddress(preferences.destination),
      copies: formatList(
        preferences.copies.map(address => displayAddress(address)),
        place.language,
      ),
      back: preferences.backTo && {
        address: preferences.backTo,
        shown: displayAddress(preferences.backTo),
      },
      typed: done?.is === 'addressRefused' ? displayText(done.typed, LONGEST_ADDRESS) : '',
      isRefused: done?.is === 'addressRefused',
    },
  }
}

/** The model for the page that confirms another destination. */
export function destinationModel({ reader, deliverTo, status }: DestinationPage, words: Words): object {
  const end = { open: '', done: 'Done', over: 'Over' }[status]
  return {
    heading: words.say(`page.destination.title${end}`),
    isOpen: status === 'open',
    isDone: status === 'done',
    reader: displayAddress(reader),
    to: fullAddress(deliverTo),
  }
}

const LONGEST_ADDRESS = 254

/** The template puts the sentence together, because it isolates the direction of addresses. */
function noticeOf(done: Done, { destination }: Preferences, place: Place): object {
  const isFault = done.is === 'addressRefused' || done.is === 'notOffered'
  return {
    key: `page.preferences.done.${done.is}`,
    mood: MOODS[done.is],
    role: isFault ? 'alert' : 'status',
    address: displayAddress(destination),
    when: done.is === 'tooEarly' ? formatTime(done.again, 'clock', place) : '',
    now: done.is === 'asked' ? displayAddress(done.to) : '',
    wanted: done.is === 'asked' ? fullAddress(done.wanted) : '',
  }
}

const MOODS = {
  paused: 'good',
  resumed: 'good',
  saved: 'good',
  unchanged: 'good',
  sent: 'good',
  asked: 'wait',
  queued: 'wait',
  nothingWaits: 'wait',
  tooEarly: 'wait',
  askedTooOften: 'wait',
  refused: 'bad',
  addressRefused: 'bad',
  notOffered: 'bad',
  buttonNeeded: 'wait',
} as const satisfies Record<Done['is'], string>

function waitingOf(waiting: Waiting, words: Words, place: Place): object | undefined {
  if (waiting.total === 0) return undefined
  return {
    total: words.say(`page.preferences.waiting.${waiting.isAtLeast ? 'atLeast' : 'total'}`, {
      count: waiting.total,
    }),
    kinds: waiting.kinds.map(({ kind, count }) =>
      words.say('page.preferences.waiting.kind', { kind: words.say(`kind.${kind}`), count }),
    ),
    expires: waiting.expiresAt && formatTime(waiting.expiresAt, 'date', place),
  }
}

function earlierOf({ earlier, isEarlierAtLeast }: Waiting, words: Words): string {
  if (earlier === 0) return ''
  const key = isEarlierAtLeast ? 'earlierAtLeast' : 'earlier'
  return words.say(`page.preferences.waiting.${key}`, { count: earlier })
}

function scheduleModel({ schedule, locked }: Preferences, words: Words, place: Place): object {
  const { chosen = '', standard, kept, offered } = schedule
  const lines = (schedules: readonly OfferedSchedule[]) =>
    schedules.length === 0
      ? [words.say('page.preferences.schedule.off')]
      : schedules.flatMap(schedule => linesOf(schedule, words, place))
  const options = [
    { value: '', label: words.say('page.preferences.settings.asSet'), lines: lines(standard) },
    ...(kept
      ? [
          {
            value: chosen,
            label: words.say('page.preferences.settings.asNow'),
            lines: [...lines(kept), words.say('page.preferences.schedule.notOffered')],
          },
        ]
      : []),
    ...offered.map(schedule => ({
      value: schedule.name,
      label: nameOf(schedule.name),
      lines: lines([schedule]),
    })),
  ]
  return {
    isFixed: locked.includes('schedules'),
    chosen,
    options: options.map((option, index) => ({
      ...option,
      id: `schedule-${index}`,
      isChosen: option.value === chosen,
    })),
    held: lines(kept ?? (chosen === '' ? standard : offered.filter(({ name }) => name === chosen))),
  }
}

/** Shows `weekdays-twice` as "weekdays twice". */
const nameOf = (name: string): string => displayText(name, MAX_NAME).replaceAll('-', ' ')

const MAX_NAME = 64

/** When a schedule is due, and whatever else a reader should know before choosing it. */
function linesOf(schedule: OfferedSchedule, words: Words, place: Place): string[] {
  return [
    rhythmWords(schedule, words, place),
    ...filterWords(schedule.filter, words, place),
    ...(schedule.minMessages > 1
      ? [words.say('page.preferences.schedule.atLeast', { count: schedule.minMessages })]
      : []),
    ...(schedule.sendsEmpty ? [words.say('page.preferences.schedule.evenEmpty')] : []),
  ]
}

function rhythmWords({ next, weekly }: Rhythm, words: Words, place: Place): string {
  const say = (key: string, values?: Readonly<Record<string, string>>) =>
    words.say(`page.preferences.schedule.${key}`, values)
  if (!weekly) {
    if (next.length === 0) return say('none')
    return say('next', { times: next.map(time => formatTime(time, 'moment', place)).join(' · ') })
  }
  const times = formatList(
    weekly.times.map(time => formatTime(time, 'clock', place)),
    place.language,
  )
  const days = weekly.days.map(day => formatTime(day, 'weekday', place))
  if (days.length === 7) return say('daily', { times })
  if (!weekly.isRange) return say('days', { days: formatList(days, place.language), times })
  return say('range', { first: days[0] ?? '', last: days.at(-1) ?? '', times })
}

function filterWords(filter: Filter | undefined, words: Words, { language }: Place): string[] {
  if (!filter) return []
  const kinds = filter.kinds?.map(kind => words.say(`admin.kind.${kind}`))
  const min = formatScore(filter.minScore ?? null, language)
  const max = formatScore(filter.maxScore ?? null, language)
  return [
    ...(kinds ? [words.say('page.preferences.schedule.kinds', { kinds: formatList(kinds, language) })] : []),
    ...(min !== undefined && max !== undefined
      ? [words.say('page.preferences.schedule.between', { min, max })]
      : []),
    ...(min !== undefined && max === undefined ? [words.say('page.preferences.schedule.from', { min })] : []),
    ...(min === undefined && max !== undefined
      ? [words.say('page.preferences.schedule.below', { max })]
      : []),
  ]
}

function languageModel({ languages, language, locked }: Preferences, words: Words): object {
  return {
    isFixed: locked.includes('language'),
    held: { tag: language, label: languageName(language) },
    automatic: words.say('page.preferences.settings.automatic', { value: languageName(languages.standard) }),
    isAutomatic: languages.chosen === undefined,
    chosen: languages.chosen ?? '',
    options: languageOptions(languages.offered, languages.chosen),
  }
}

function blockedModel({ leaveOutBlocked: { chosen, standard } }: Preferences, words: Words): object {
  const label = (isLeftOut: boolean) =>
    words.say(`page.preferences.settings.${isLeftOut ? 'blockedLeftOut' : 'blockedListed'}`)
  return {
    automatic: words.say('page.preferences.settings.automatic', { value: label(standard) }),
    isAutomatic: chosen === undefined,
    chosen: chosen === undefined ? '' : chosen ? 'yes' : 'no',
    options: [true, false].map(isLeftOut => ({
      value: isLeftOut ? 'yes' : 'no',
      label: label(isLeftOut),
      isChosen: chosen === isLeftOut,
    })),
  }
}

function timeZoneModel({ timeZones, timeZone, locked }: Preferences, words: Words): object {
  const other = words.say('page.preferences.settings.otherZones')
  return {
    isFixed: locked.includes('timeZone'),
    held: zoneLabel(timeZone),
    automatic: words.say('page.preferences.settings.automatic', { value: zoneLabel(timeZones.standard) }),
    isAutomatic: timeZones.chosen === undefined,
    chosen: timeZones.chosen ?? '',
    groups: timeZoneGroups(timeZones.chosen, other),
  }
}

const zoneLabel = (timeZone: string): string => timeZone.replaceAll('_', ' ')

import type { Explained, ReaderExplanation, Source } from '../../../desks/admin/settings/explain-settings.ts'
import { displayText } from '../../../ground/display/text.ts'
import { FOREVER, NOT_PAUSED, type ScopeSettings } from '../../../rules/settings/setting-fields.ts'
import { copyWords, lockWords, onWord } from '../../../rules/settings/settings-words.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

/** A table of all settings, one line for each scope. Copies have a column only if they are set for some. */
export function settingsTable(rows: readonly ScopeSettings[]): string {
  const hasCopies = rows.some(({ copyTo }) => copyTo !== null)
  const lines = rows.map(row => [
    shown(row.scope),
    shown(row.schedules?.join(' ') ?? ''),
    shown(row.language ?? ''),
    shown(row.timeZone ?? ''),
    shown(row.deliverTo ?? ''),
    ...(hasCopies ? [shown(row.copyTo === null ? '' : copyWords(row.copyTo))] : []),
    row.pausedUntil === null ? '-' : pauseText(row.pausedUntil, localTime),
    row.enabled === null ? '-' : onWord(row.enabled),
    row.locked === null ? '-' : lockWords(row.locked),
    row.isCanonical ? '' : STRAY,
  ])
  return table(
    HEADER.filter(title => hasCopies || title !== COPY_TO),
    lines,
  )
}

/** The value in effect for each setting, and where it comes from, as text for people. */
export function explanationText(explained: ReaderExplanation, now: number): string {
  const { timeZone } = explained
  const inZone = (time: number) => `${localTime(time, timeZone.value)} ${timeZone.value}`
  const names = explained.schedules.value ?? explained.held.map(({ name }) => name)
  const paused = explained.isPaused
    ? pauseText(explained.pausedUntil.value ?? NOT_PAUSED, inZone)
    : 'not paused'
  const rows = [
    line('schedules', names.join(' '), explained.schedules),
    line('language', explained.language.value, explained.language),
    line('time zone', timeZone.value, timeZone),
    line('deliver to', explained.deliverTo.value ?? OWN_MAILBOX, explained.deliverTo),
    ...(explained.copyTo.from === 'default'
      ? []
      : [line('copy to', copyWords(explained.copyTo.value), explained.copyTo)]),
    ...(explained.leaveOutBlocked.from === 'default'
      ? []
      : [line('leave out blocked', onWord(explained.leaveOutBlocked.value), explained.leaveOutBlocked)]),
    line('paused until', paused, explained.pausedUntil),
    line('on', onWord(explained.enabled.value), explained.enabled),
    line('locked', lockWords(explained.locked.value), explained.locked),
    ...(explained.phrase.value === '' ? [] : [line('phrase', explained.phrase.value, explained.phrase)]),
  ]
  return [
    explained.scope,
    table(['SETTING', 'VALUE', 'FROM'], rows),
    ...remarks(explained, inZone, now),
  ].join('\n')
}

const COPY_TO = 'COPY TO'

const HEADER = [
  'SCOPE',
  'SCHEDULES',
  'LANGUAGE',
  'TIME ZONE',
  'DELIVER TO',
  COPY_TO,
  'PAUSED UNTIL',
  'ON',
  'LOCKED',
  '',
]

const STRAY = 'not in canonical form, so never used: set it again, and remove this one'

const OWN_MAILBOX = "the reader's own mailbox"

function line(name: string, value: string, { from, scope }: Explained<unknown>): string[] {
  return [name, shown(value), SOURCES[from] ?? scope ?? '']
}

/** The words for sources; the others are named by their scopes. */
const SOURCES: Readonly<Partial<Record<Source, string>>> = {
  default: 'default',
  directory: 'the directory',
  everybody: '@ (everybody)',
}

function remarks(
  { held, missing, warnings, whyNone, enabled, isPaused, next }: ReaderExplanation,
  inZone: (time: number) => string,
  now: number,
): string[] {
  const off = held.filter(schedule => !schedule.enabled).map(({ name }) => `The schedule ${name} is off.`)
  const gone = missing.map(
    name =>
      `The schedule ${shown(name)} no longer exists: ${held.map(schedule => schedule.name).join(' ')} is used instead.`,
  )
  return [...gone, ...off, ...warnings, whyNone ?? nextText()]

  function nextText(): string {
    if (!enabled.value) return 'No digests: off.'
    if (next !== undefined && next > now) return `Next digest: ${inZone(next)}, if something is held.`
    return isPaused
      ? 'No digests until somebody ends the pause.'
      : 'No digest is planned: see "schedules list".'
  }
}

function pauseText(until: number, words: (time: number) => string): string {
  if (until <= NOT_PAUSED) return 'never'
  return until >= FOREVER ? 'forever' : words(until)
}

/** The tables may contain anything that somebody wrote into them. It must not affect the terminal. */
const shown = (text: string): string => (text === '' ? '-' : displayText(text, 200))

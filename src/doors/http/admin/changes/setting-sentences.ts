import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { LOCK_FIELDS } from '../../../../rules/settings/setting-fields.ts'
import { LOCK_WORDS, NOBODY } from '../../../../rules/settings/settings-words.ts'
import { languageName } from '../../web/language-options.ts'
import type { Writer } from '../../web/writer.ts'

/**
 * Says in sentences what the audit keeps about changed settings, as in `language: - → de; paused until: - → forever`
 * (`difference` of `work/settings/write-settings.ts`). Undefined where it cannot be read.
 */
export function settingSentences(detail: string, writer: Writer): string[] | undefined {
  const sentences = detail.split('; ').map(part => sentenceOf(part, writer))
  return sentences.every(sentence => sentence !== undefined) ? sentences : undefined
}

function sentenceOf(part: string, writer: Writer): string | undefined {
  const [, name = '', from = '', to = ''] = /^([a-z -]+): (.+) → (.+)$/.exec(part) ?? []
  const field = FIELDS[name]
  if (!field) return undefined
  const { words } = writer
  // The value of a pause is a sentence of its own.
  if (name === 'paused until' && to !== NOT_SET) return `${field.valueOf(to, writer)}.`
  const value = (text: string) =>
    text === NOT_SET ? words.say('admin.changes.notSet') : field.valueOf(text, writer)
  return words.say('admin.changes.value', {
    name: words.say(`admin.readers.field.${field.key}`),
    value: value(to),
    before: value(from),
  })
}

const NOT_SET = '-'

interface Field {
  /** Below `admin.readers.field`. */
  readonly key: string
  valueOf(text: string, writer: Writer): string
}

const plain = (text: string): string => displayText(text, 200)

const FIELDS: Readonly<Record<string, Field>> = {
  schedules: { key: 'schedules', valueOf: text => plain(text).replaceAll(' ', ', ') },
  language: { key: 'language', valueOf: languageWords },
  timezone: { key: 'timeZone', valueOf: plain },
  'deliver-to': { key: 'deliverTo', valueOf: text => displayAddress(text, 255) },
  'copy-to': { key: 'copyTo', valueOf: copyWords },
  'paused until': { key: 'pause', valueOf: pauseWords },
  on: {
    key: 'enabled',
    valueOf: (text, { words }) => words.say(`admin.readers.${text === 'on' ? 'on' : 'off'}`),
  },
  'leave-out-blocked': {
    key: 'leaveOutBlocked',
    valueOf: (text, { words }) => words.say(`admin.readers.leaveOutBlocked.${text === 'on' ? 'yes' : 'no'}`),
  },
  locked: { key: 'locked', valueOf: lockWords },
}

function languageWords(tag: string): string {
  try {
    return languageName(tag)
  } catch {
    return plain(tag)
  }
}

function copyWords(text: string, { words }: Writer): string {
  return text === NOBODY ? words.say('admin.readers.nobody') : displayText(text, LONGEST_LIST)
}

/** Some addresses of the greatest length, with the commas between them. */
const LONGEST_LIST = 1300

function pauseWords(text: string, { words, time }: Writer): string {
  if (text === 'forever') return words.say('admin.readers.pausedForever')
  const until = Date.parse(text)
  return Number.isNaN(until)
    ? words.say('admin.readers.notPaused')
    : words.say('admin.readers.pausedUntil', { until: time(until) })
}

function lockWords(text: string, { words }: Writer): string {
  const locked = LOCK_FIELDS.filter(field => text.split(' ').includes(LOCK_WORDS[field]))
  if (locked.length === 0) return words.say('admin.readers.nothing')
  return new Intl.ListFormat(words.language).format(
    locked.map(field => words.say(`admin.readers.field.${field}`)),
  )
}

import { KINDS } from '../../../../ground/amavis/content.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { Writer } from '../../web/writer.ts'
import { whenWords, zoneWords } from '../schedules/schedule-words.ts'

/**
 * Says in sentences what the audit keeps about a schedule, as in `daily: cron 0 6 * * * → 0 7 * * *; on yes → no`
 * (`changesText` of `rules/schedule/change-text.ts`). Undefined where it cannot be read.
 */
export function scheduleSentences(detail: string, writer: Writer): string[] | undefined {
  const [, name, changes] = /^([\w-]+): (.+)$/.exec(detail) ?? []
  if (name === undefined || changes === undefined) return undefined
  const parts = changes
    .split('; ')
    .filter(part => !part.startsWith('used by ') && !UNREMARKABLE.includes(part))
  const sentences = parts.map(part => sentenceOf(part, writer))
  if (!sentences.every(sentence => sentence !== undefined)) return undefined
  return [`${name}:`, ...sentences]
}

/** What a new or removed schedule mostly is: saying it would bury the rest. */
const UNREMARKABLE = [
  'default no',
  'on yes',
  'carries all',
  'minimum 1',
  'empty ones no',
  'spread 0s',
  'for readers to choose no',
]

function sentenceOf(part: string, writer: Writer): string | undefined {
  const field = FIELDS.find(({ label }) => part.startsWith(`${label} `))
  if (!field) return undefined
  const { words } = writer
  const [first = '', second] = part.slice(field.label.length + 1).split(' → ')
  const name = words.say(`admin.schedules.${field.key}`)
  const value = (text: string) => field.valueOf(text, writer)
  return second === undefined
    ? words.say('admin.changes.is', { name, value: value(first) })
    : words.say('admin.changes.value', { name, value: value(second), before: value(first) })
}

interface Field {
  /** In the audit. */
  readonly label: string
  /** Below `admin.schedules`. */
  readonly key: string
  valueOf(text: string, writer: Writer): string
}

const plain = (text: string): string => displayText(text, 200)

const yesNo = (text: string, { words }: Writer): string =>
  words.say(text === 'yes' ? 'admin.yes' : 'admin.no')

const FIELDS: readonly Field[] = [
  {
    label: 'cron',
    key: 'when',
    valueOf: (text, writer) => whenWords({ crons: text.split(' | ') }, writer) ?? plain(text),
  },
  { label: 'time zone', key: 'zone', valueOf: (text, writer) => zoneWords(plain(text), writer) },
  { label: 'default', key: 'isDefault', valueOf: yesNo },
  { label: 'on', key: 'enabled', valueOf: yesNo },
  { label: 'carries', key: 'carries', valueOf: carriedWords },
  { label: 'minimum', key: 'minMessages', valueOf: plain },
  { label: 'empty ones', key: 'sendsEmpty', valueOf: yesNo },
  {
    label: 'spread',
    key: 'spread',
    valueOf: (text, { words }) => (text === '0s' ? words.say('admin.no') : plain(text)),
  },
  { label: 'for readers to choose', key: 'isOffered', valueOf: yesNo },
]

/** `spam, banned from score 5 below score 12`; `all`. */
function carriedWords(text: string, { words }: Writer): string {
  const [, kinds = '', from, below] =
    /^(.+?)(?: from score ([\d.-]+))?(?: below score ([\d.-]+))?$/.exec(text) ?? []
  const names = kinds.split(', ').map(kind => {
    if (kind === 'all') return words.say('admin.filter.all')
    return KINDS.some(known => known === kind) ? words.say(`admin.kind.${kind}`) : plain(kind)
  })
  const scores = [
    ...(from === undefined ? [] : [`${words.say('admin.schedules.minScore')} ${from}`]),
    ...(below === undefined ? [] : [`${words.say('admin.schedules.maxScore')} ${below}`]),
  ]
  return [...names, ...scores].join(', ')
}

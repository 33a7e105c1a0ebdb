import { parseDuration } from '../../ground/durations.ts'
import { firstShown } from '../time/local-time.ts'
import { FOREVER, LOCK_FIELDS, type LockField, NOT_PAUSED } from './setting-fields.ts'
import { LOCK_WORDS, NOBODY } from './settings-words.ts'

/**
 * Reads the end of a pause: `2026-12-24` (until that day begins), a date and a time of day, both as the clocks of a
 * time zone show them unless an offset is given; `1w` or `30d` from now; `forever`; `never`. Undefined for anything
 * else.
 */
export function readPause(text: string, timeZone: string, now: number): number | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'forever') return FOREVER
  if (word === 'never') return NOT_PAUSED
  const span = /^\d{1,6}\s*[hdw]$/.test(word) ? parseDuration(word) : undefined
  return span === undefined ? readTime(word, timeZone) : now + span
}

export const EXPECTED_PAUSE =
  'expected a date such as 2026-12-24 (until that day begins), a time such as 2026-12-24T18:00, 1w, 30d, forever, or never'

/** Whether the end of a pause is a local time, which means nothing without a time zone. */
export const isLocalTime = (text: string): boolean => LOCAL_TIME.test(text.trim())

const LOCAL_TIME = /^\d{4}-\d\d-\d\d(?:t\d\d:\d\d(?::\d\d)?)?$/i

const WITH_OFFSET = /^\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:z|[+-]\d\d:\d\d)$/

function readTime(word: string, timeZone: string): number | undefined {
  if (WITH_OFFSET.test(word))
    return isDay(word) ? (valid(Date.parse(word.toUpperCase())) ?? undefined) : undefined
  if (!isLocalTime(word) || !isDay(word)) return undefined
  const local = valid(Date.parse(`${(word.includes('t') ? word : `${word}t00:00`).toUpperCase()}Z`))
  return local === undefined ? undefined : firstShown(local, timeZone)
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(word: string): boolean {
  const day = word.slice(0, 10)
  const time = Date.parse(`${day}T00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

const valid = (time: number): number | undefined => (Number.isNaN(time) ? undefined : time)

export function readOn(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (['on', 'yes', 'true', '1'].includes(word)) return true
  return ['off', 'no', 'false', '0'].includes(word) ? false : undefined
}

/** Reads the fields of `--lock`, in upper or lower case. Undefined when one of them is unknown. */
export function readLocks(words: readonly string[]): LockField[] | undefined {
  const fields = words.map(readLock)
  return fields.includes(undefined) ? undefined : fields.filter(field => field !== undefined)
}

/** Takes the name used by commands and files (`deliver-to`) and the one used in JSON (`deliverTo`). */
function readLock(text: string): LockField | undefined {
  const word = text.trim().toLowerCase()
  return LOCK_FIELDS.find(field => [LOCK_WORDS[field], field.toLowerCase()].includes(word))
}

export const EXPECTED_LOCKS = `expected some of ${LOCK_FIELDS.map(field => LOCK_WORDS[field]).join(', ')}`

/** Reads addresses in one cell or field, separated as in `readList`, also quoted ones; `nobody` is an empty list. */
export const readAddresses = (text: string): string[] =>
  text.trim().toLowerCase() === NOBODY ? [] : [...(text.match(ADDRESSES) ?? [])]

const ADDRESSES = /(?:"(?:[^"\\]|\\.)*"|[^\s,;])+/g

/** Reads a list in one cell or argument, separated by spaces, commas or semicolons. */
export const readList = (text: string): string[] => text.split(/[\s,;]+/).filter(word => word !== '')

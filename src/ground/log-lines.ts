import process from 'node:process'
import { styleText } from 'node:util'

/** A line of JSON as pino writes it, without the line end, and without characters that change what a terminal shows. */
export const jsonLine = (record: string): string => record.trimEnd().replaceAll(UNSAFE, escaped)

/**
 * A record of pino as a line for people: time, level, message, and the other fields as `name=value`. A value is quoted
 * as in JSON where anything else could be taken for a field, a quote or a second line.
 */
export function textLine(record: string, { isTerminal }: { readonly isTerminal: boolean }): string {
  const { level, time, msg, ...fields } = JSON.parse(record) as Readonly<Record<string, unknown>>
  const shownTime = isTerminal ? localClock(String(time)) : String(time)
  const name = nameOf(Number(level))
  const shownName = isTerminal ? styleText(name.style, name.word, { stream: process.stderr }) : name.word
  const message = msg === undefined ? [] : [word(String(msg), /["=\\]/)]
  return [shownTime, shownName, ...message, ...Object.entries(fields).flatMap(field)].join(' ')
}

/** Controls, directions, and characters that are no text or not seen: ESC, U+009B, U+2028, U+202E and their like. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map(index => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('')

const localClock = (time: string): string => new Date(time).toTimeString().slice(0, 8)

const LEVELS = [
  { from: 50, word: 'ERROR', style: 'red' },
  { from: 40, word: 'WARN ', style: 'yellow' },
  { from: 30, word: 'INFO ', style: 'green' },
] as const

const nameOf = (level: number) =>
  LEVELS.find(({ from }) => level >= from) ?? ({ word: 'DEBUG', style: 'blue' } as const)

function field([key, value]: readonly [string, unknown]): string[] {
  if (value === undefined) return []
  if (key === 'err' && isError(value)) return errorFields(value)
  return [
    `${word(key, /[\s"=\\]/)}=${word(typeof value === 'string' ? value : JSON.stringify(value), /[\s"=\\]|^$/)}`,
  ]
}

interface LoggedError {
  readonly message: string
  readonly code?: unknown
  readonly stack?: unknown
}

const isError = (value: unknown): value is LoggedError =>
  typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'

function errorFields({ message, code, stack }: LoggedError): string[] {
  return [...field(['error', message]), ...field(['code', code]), ...field(['stack', stack])]
}

/** @param special what makes quotes necessary, besides what is never shown as it is */
function word(text: string, special: RegExp): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  // `search` starts anew each time, unlike `test` with a global expression.
  if (cut.search(UNSAFE) < 0 && !special.test(cut)) return cut
  return JSON.stringify(cut).replaceAll(UNSAFE, escaped)
}

/** The journal breaks lines of more than 48 kB, and the rest would be a line of its own. */
const LONGEST = 8_000

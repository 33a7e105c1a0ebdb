import { KINDS } from '../../../ground/amavis/content.ts'
import { parseDuration } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Filter } from '../../../rules/schedule/filter.ts'
import type { ScheduleChange } from '../../../rules/schedule/schedule-change.ts'

/** A schedule as the options of a command give it. */
export interface ScheduleWords {
  readonly cron?: readonly string[]
  readonly timezone?: string
  readonly default?: boolean
  readonly on?: boolean
  readonly off?: boolean
  readonly minMessages?: string
  readonly sendEmpty?: boolean
  readonly spread?: string
  readonly readersMayChoose?: boolean
}

export interface FilterWords {
  readonly kinds?: string
  readonly minScore?: string
  readonly maxScore?: string
}

/** @throws CodedError USAGE */
export function scheduleChangeOf(words: ScheduleWords): ScheduleChange {
  if (words.on && words.off) throw new CodedError('USAGE', 'Either --on or --off.')
  return {
    crons: words.cron,
    timeZone: words.timezone,
    isDefault: words.default ? true : undefined,
    enabled: words.on ? true : words.off ? false : undefined,
    minMessages: words.minMessages === undefined ? undefined : numberOf('--min-messages', words.minMessages),
    sendsEmpty: words.sendEmpty,
    spread: words.spread === undefined ? undefined : spreadOf(words.spread),
    isOffered: words.readersMayChoose,
  }
}

/**
 * The parts of a filter that the options name; undefined where they lift a limit.
 *
 * @returns undefined when they name no part
 * @throws CodedError USAGE
 */
export function filterOfWords({ kinds, minScore, maxScore }: FilterWords): Filter | undefined {
  if (kinds === undefined && minScore === undefined && maxScore === undefined) return undefined
  return {
    ...(kinds === undefined ? {} : { kinds: kindsOf(kinds) }),
    ...(minScore === undefined ? {} : { minScore: scoreOf('--min-score', minScore) }),
    ...(maxScore === undefined ? {} : { maxScore: scoreOf('--max-score', maxScore) }),
  }
}

function kindsOf(text: string): Filter['kinds'] {
  const words = text.split(',').map(word => word.trim())
  if (words.length === 1 && words[0] === 'all') return undefined
  const kinds = words.map(word => KINDS.find(kind => kind.toLowerCase() === word.toLowerCase()))
  if (kinds.every(kind => kind !== undefined)) return [...new Set(kinds)]
  throw new CodedError(
    'USAGE',
    `--kinds: expected all, or one or more of ${KINDS.join(',')} separated by commas.`,
  )
}

const scoreOf = (option: string, text: string): number | undefined =>
  text === 'none' ? undefined : numberOf(option, text, ' or none')

function numberOf(option: string, text: string, or = ''): number {
  if (/^[-+]?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text)
  throw new CodedError('USAGE', `${option}: expected a number${or}.`)
}

function spreadOf(text: string): number {
  const span = text === '0' ? 0 : parseDuration(text)
  if (span !== undefined) return span
  throw new CodedError('USAGE', '--spread: expected a span of time such as 30m, or 0.')
}

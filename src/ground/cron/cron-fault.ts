import { utcCron } from './utc-cron.ts'

/** In characters: longer than any list of minutes and hours that a person would read. */
export const MAX_CRON_LENGTH = 255

/** Puts one blank between the fields of a cron expression: a line copied from a crontab may have tabs. */
export const plainCron = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** What is wrong with a cron expression of five fields, to be put after its key; undefined when it is valid. */
export function cronFault(text: string): string | undefined {
  if (text.length > MAX_CRON_LENGTH)
    return `expected a cron expression of at most ${MAX_CRON_LENGTH} characters`
  const parts = plainCron(text).split(' ')
  if (parts.length !== FIELDS.length) {
    return 'expected a cron expression of five fields, such as "0 6 * * *"'
  }
  for (const [index, part] of parts.entries()) {
    if (!isField(index, part)) return `expected a cron expression with ${FIELDS[index]}: ${FORMS}`
  }
  if (isReadable(parts)) return undefined
  return 'expected a cron expression that is due on some day: these months have no such day'
}

const FIELDS = [
  '0 to 59 for the minute',
  '0 to 23 for the hour',
  '1 to 31 or L (the last) for the day of the month',
  '1 to 12 or jan to dec for the month',
  '0 to 7, sun to sat, 5L (the last) or 5#2 (the second) for the day of the week',
]

const FORMS = 'lists as in 1,5, ranges as in 1-5, steps as in */2 or 1-9/2, or *'

const isField = (index: number, part: string): boolean =>
  part.split(',').every(entry => FORM.test(entry) || FORMS_OF_DAYS[index]?.test(entry)) &&
  isReadable(FIELDS.map(() => '*').with(index, part))

/** croner also reads "?", "15W", "+5" and the like, which other programs reject or read differently. */
const FORM = /^(?:(?:\*|\w+-\w+)(?:\/\d+)?|\d+|[a-z]{3})$/i

const FORMS_OF_DAYS: Readonly<Record<number, RegExp>> = { 2: /^L$/i, 4: /^[0-7](?:L|#[1-5])$/i }

function isReadable(parts: readonly string[]): boolean {
  try {
    return utcCron(parts.join(' ')).nextRun() !== null
  } catch {
    return false
  }
}

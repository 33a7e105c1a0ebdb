import { CronExpressionParser } from 'cron-parser'
import { validate } from 'node-cron'

/** What is wrong with a cron expression of five fields, as a sentence that ends a line; undefined: nothing. */
export function cronFault(text: string): string | undefined {
  if (text.length > LONGEST) return `expected a cron expression of at most ${LONGEST} characters`
  if (text.trim().split(/\s+/).length !== 5) {
    return 'expected a cron expression of five fields, such as "0 6 * * *"'
  }
  // cron-parser counts, and knows forms that hardly anybody else does ("H", "5/10"); what node-cron knows too, most do.
  const fault = parserFault(text)
  if (fault !== undefined && NEVER.test(fault)) {
    return 'expected a cron expression that fires some day: no such day is in these months'
  }
  if (fault === undefined && validate(text)) return undefined
  return `expected a cron expression such as "0 6 * * *"${fault === undefined ? '' : ` (${fault})`}`
}

/** Characters; more than any list of minutes and hours that a person would read. */
const LONGEST = 255

/** cron-parser's words for the 30th of February. */
const NEVER = /explicit day of month|loop limit|time span/i

function parserFault(text: string): string | undefined {
  try {
    CronExpressionParser.parse(text, { tz: 'UTC' }).next()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable'
  }
}

import { z } from 'zod'
import { cronFault, plainCron } from '../../cron/cron-fault.ts'
import { parseMailbox } from '../../directory/mailbox.ts'
import { readerAddress } from '../../directory/reader-address.ts'
import { parseDuration } from '../../durations.ts'
import { expectedTimeZone, isTimeZone } from '../../i18n/time-zone-name.ts'
import { type UrlParts, urlFault } from './url-faults.ts'

/**
 * A span of time: `90s`, `15m`, `24h`, `14d`. Parsed to milliseconds. The maximum is 20 days by default, because a
 * timer cannot wait longer than 24.
 */
export const duration = (defaultValue: string, min = '1s', max = '20d') => {
  const expected = expectedSpan(defaultValue, min, max)
  return z
    .string(expected)
    .meta({ pattern: DURATION_PATTERN })
    .default(defaultValue)
    .transform(spanBetween(expected, min, max))
}

/** Like `duration`, but without a default. @param example of what may be set */
export const optionalDuration = (example: string, min: string, max: string) => {
  const expected = expectedSpan(example, min, max)
  return z
    .string(expected)
    .meta({ pattern: DURATION_PATTERN })
    .transform(spanBetween(expected, min, max))
    .optional()
}

const expectedSpan = (example: string, min: string, max: string): string =>
  `expected a span of time from ${min} to ${max}, such as ${example}`

const spanBetween =
  (expected: string, min: string, max: string) =>
  (text: string, context: z.RefinementCtx): number => {
    const span = parseDuration(text)
    if (span !== undefined && span >= (parseDuration(min) ?? 0) && span <= (parseDuration(max) ?? 0)) {
      return span
    }
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  }

/** For editors, which know no more than the form. */
const DURATION_PATTERN = String.raw`^\s*\d{1,6}(\.\d+)?\s*(ms|s|m|h|d|w)\s*$`

/** A URL with one of these schemes, without user and password, kept as text. */
export const urlOf = (schemes: readonly string[], example: string) =>
  checkedUrl(schemes, example, { signIn: false, query: false })

/**
 * A URL that may hold a password: a `_FILE` variable can set it, and no message shows it.
 *
 * @param query whether parameters may follow a `?`
 */
export const secretUrlOf = (schemes: readonly string[], example: string, { query = false } = {}) =>
  checkedUrl(schemes, example, { signIn: true, query }).meta({ secret: true })

function checkedUrl(schemes: readonly string[], example: string, takes: UrlParts) {
  const expected = `expected a URL such as ${example}`
  return z
    .string(expected)
    .superRefine((text, context) => {
      const isKnown = !URL.canParse(text) || schemes.includes(new URL(text).protocol.slice(0, -1))
      const message = isKnown ? urlFault(text, example, takes) : expected
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .meta({ pattern: `^(${schemes.join('|')}):` })
}

/** An address alone (`alice@example.com`). */
export const address = z
  .string()
  .refine(text => /^[^@\s<>]+@[^@\s<>]+$/.test(text), 'expected an address such as postmaster@example.com')

const A_MAILBOX = 'expected an address such as "Mail quarantine <quarantine@example.com>"'

/** An address, with or without a name before it. */
export const mailbox = z
  .string(A_MAILBOX)
  .refine(text => readerAddress(parseMailbox(text)?.address ?? '') !== undefined, A_MAILBOX)

/** An IANA time zone. */
export const timeZone = z
  .string()
  .refine(isTimeZone, { error: ({ input }) => expectedTimeZone(String(input)) })

/** A cron expression of five fields: minute, hour, day of month, month, day of week. */
export const cron = z
  .string()
  .overwrite(plainCron)
  .superRefine((text, context) => {
    const fault = cronFault(text)
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })

/** A group of options that all have defaults, so that it may be left out. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape).prefault({} as never)
}

import { z } from 'zod'
import { cronFault, plainCron } from '../cron/cron-fault.ts'
import { parseDuration } from '../durations.ts'
import { isTimeZone } from '../i18n/time-zone-name.ts'

/**
 * A span of time: `90s`, `15m`, `24h`, `14d`. Parsed to milliseconds. The maximum is 20 days by default, because a
 * timer cannot wait longer than 24.
 */
export const duration = (defaultValue: string, min = '1s', max = '20d') => {
  const expected = `expected a span of time from ${min} to ${max}, such as ${defaultValue}`
  return z
    .string(expected)
    .meta({ pattern: DURATION_PATTERN })
    .default(defaultValue)
    .transform((text, context) => {
      const span = parseDuration(text)
      if (span !== undefined && span >= (parseDuration(min) ?? 0) && span <= (parseDuration(max) ?? 0)) {
        return span
      }
      context.addIssue({ code: 'custom', message: expected })
      return z.NEVER
    })
}

/** For editors, which know no more than the form. */
const DURATION_PATTERN = String.raw`^\s*\d{1,6}(\.\d+)?\s*(ms|s|m|h|d|w)\s*$`

/** A URL with one of these schemes, kept as text. */
export const urlOf = (schemes: readonly string[], example: string) => {
  const expected = `expected a URL such as ${example}`
  return z
    .string(expected)
    .refine(text => schemes.includes(schemeOf(text)), expected)
    .meta({ pattern: `^(${schemes.join('|')}):` })
}

/** A URL that holds a password: a `_FILE` variable can set it, and no message shows it. */
export const secretUrlOf = (schemes: readonly string[], example: string) =>
  urlOf(schemes, example)
    .refine(isDecodable, 'expected %25 for each % in the user or password')
    .meta({ secret: true })

/** An address alone (`alice@example.com`). */
export const address = z
  .string()
  .refine(text => /^[^@\s<>]+@[^@\s<>]+$/.test(text), 'expected an address such as postmaster@example.com')

const A_MAILBOX = 'expected an address such as "Mail quarantine <quarantine@example.com>"'

/** An address, with or without a name before it. */
export const mailbox = z
  .string(A_MAILBOX)
  .refine(text => /^(?:[^<>@]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$/.test(text), A_MAILBOX)

/** An IANA time zone. */
export const timeZone = z.string().refine(isTimeZone, 'expected a time zone such as Europe/Paris')

/** A cron expression of five fields: minute, hour, day of month, month, day of week. */
export const cron = z
  .string()
  .overwrite(plainCron)
  .superRefine((text, context) => {
    const fault = cronFault(text)
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })

function schemeOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : ''
}

/** Rejects bad percent-encoding at the start: otherwise it would fail much later, when the connection is opened. */
function isDecodable(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { username, password, pathname } = new URL(text)
  try {
    decodeURIComponent(`${username}${password}${pathname}`)
    return true
  } catch {
    return false
  }
}

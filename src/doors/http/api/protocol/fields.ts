import { z } from 'zod'

/** A text of one line without anything that is not to be seen: no control characters, no half of a surrogate pair. */
export const line = (longest: number, shortest = 1) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    // Written so that JSON Schema, which counts code points, says the same.
    .regex(VISIBLE, 'expected one line of Unicode text')

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const VISIBLE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]*$/u

/** An instant in the answers. */
export const time = z.iso.datetime().describe('ISO 8601, UTC.')

export const timeOrNull = time.nullable()

/** Whose rows of a list. */
export const whoseField = line(320).describe('An address, or @domain.')

/** The oldest that a list shows. */
export const sinceField = z.iso
  .datetime({ offset: true })
  .describe('The oldest to be shown, ISO 8601. Without it, who asks for a domain gets 30 days.')

export const timeIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text)

/** The version that was looked at, for those who cannot set headers. */
export const versionField = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .optional()
  .describe('The version that was looked at; 0: there shall be none yet.')

export const daysField = (most: number, standard: number) => z.int().min(1).max(most).default(standard)

/** What lists take. */
export const paging = {
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1000}$/, 'expected a cursor that was given as "next"')
    .optional()
    .describe('`next` of the part before.'),
  limit: z.int().min(1).max(100).default(50),
}

/** A part of a list. */
export const pageOf = <Item extends z.ZodType>(items: Item) =>
  z.object({
    items: z.array(items),
    next: z.string().nullable().describe('The cursor of the next part; null: there is none.'),
  })

/** Milliseconds since the epoch, as the answers tell them. */
export const isoTime = (time: number): string => new Date(time).toISOString()

export const isoTimeOrNull = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : isoTime(time)

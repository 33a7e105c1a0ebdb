import { z } from 'zod'

/** One line of visible text: no control characters and no lone surrogates. */
export const line = (longest: number, shortest = 1) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    // JSON Schema matches code points. This pattern, with its flag, does the same.
    .regex(VISIBLE, 'expected one line of Unicode text')

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes them
const VISIBLE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]*$/u

/** An instant in an answer. */
export const time = z.iso.datetime()

export const timeOrNull = time.nullable()

/** A number of things. */
export const count = z.int().min(0)

/** An object of such numbers, given the description of each. */
export const counts = <Name extends string>(descriptions: Readonly<Record<Name, string>>) =>
  z.object(
    Object.fromEntries(
      Object.entries<string>(descriptions).map(([name, text]) => [name, count.describe(text)]),
    ) as Record<Name, typeof count>,
  )

/** The filters of a list whose rows belong to a reader and have a state and a time. */
export const rowFilters = <State extends z.ZodType>(state: State, example: z.input<State>) => ({
  reader: readerField.optional(),
  state: state.meta({ example }).optional(),
  since: sinceField.optional(),
})

const readerField = line(320).meta({
  description: 'A reader (`alice@example.com`), or all readers of a domain (`@example.com`).',
  example: 'alice@example.com',
})

const sinceField = z.iso
  .datetime({ offset: true })
  .transform(text => Date.parse(text))
  .meta({
    description:
      'The earliest time to include. Without it, a list limited to one or more domains goes back 30 days.',
    example: '2026-03-01T00:00:00Z',
  })

/** A body property, for clients that cannot set `If-Match`. */
export const versionField = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .optional()
  .describe(
    [
      'The version that you read, for clients that cannot send `If-Match`.',
      'Zero means that nothing may be there yet. Without a version the change always applies.',
    ].join(' '),
  )

/** A query parameter: how many days the answer covers. */
export const daysField = (most: number, standard: number, description: string) =>
  z.int().min(1).max(most).default(standard).meta({ description, example: standard })

/** The query parameters of every list. */
export const paging = {
  limit: z.int().min(1).max(100).default(50).meta({ description: 'The most items on a page.', example: 50 }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1000}$/, 'expected a cursor that was given as "next"')
    .optional()
    .meta({
      description: 'The `next` of the page before. Without it, the list starts at the beginning.',
      example: 'MTc3MzIxNjAwMDAwMC4xamo0dmZxMDBrOGQycTdzbWgxdnRuMGM1',
    }),
}

/** Returns milliseconds since the epoch in the form of the answers. */
export const isoTime = (time: number): string => new Date(time).toISOString()

/** Returns null where there is no time. */
export const isoTimeOrNull = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : isoTime(time)

/** One of several words, each of which the description explains. */
export const choice = <Word extends string>(description: string, words: Readonly<Record<Word, string>>) =>
  z
    .enum(Object.keys(words) as Word[])
    .describe(
      [description, ...Object.entries(words).map(([word, text]) => `- \`${word}\`: ${text}`)].join('\n'),
    )

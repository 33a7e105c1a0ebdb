/**
 * Writes the five fields of a cron expression so that croner gives them the meaning that they had when cron-parser
 * read them. What neither can read is left for croner to refuse.
 */
export const withSameMeaning = (fields: readonly string[]): string[] =>
  fields.map((field, index) => {
    const entries = field.split(',')
    return entries
      .map(entry => (entry === '*' && entries.length > 1 ? EACH : entryFor(index, entry)))
      .join(',')
  })

/** croner takes the day `*,L` for `*`: a day of the week beside it would then restrict it. */
const EACH = '*/1'

function entryFor(index: number, entry: string): string {
  const [, start, end, step] = ENTRY.exec(entry) ?? []
  if (start === undefined) return entry
  const first = numberFor(index, start)
  const range = end === undefined ? first : `${first}-${lastFor(index, end, first)}`
  return step === undefined ? range : `${range}/${Math.min(Number(step), VALUES[index] ?? 0)}`
}

const ENTRY = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/

/** A step beyond these selects the first value only, as a step of this many does. croner refuses it. */
const VALUES = [60, 24, 31, 12, 7]

/** A range up to Sunday ends the week, unless it also begins on Sunday: then it is that day only. */
const lastFor = (index: number, end: string, first: string): string =>
  index === DAY_OF_WEEK && /^sun$/i.test(end) && Number(first) !== 0 ? '7' : numberFor(index, end)

/** The names of months and days also stand for their numbers in each other's field. */
const numberFor = (index: number, text: string): string =>
  index < MONTH ? text : (NUMBERS.get(text.toLowerCase()) ?? text)

const MONTH = 3

const DAY_OF_WEEK = 4

const NUMBERS: ReadonlyMap<string, string> = new Map([
  ...['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map((name, number) => [name, `${number}`] as const),
  ...['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map(
    (name, index) => [name, `${index + 1}`] as const,
  ),
])

/** Whether a text has the form of a BCP 47 language tag. */
export const isLanguageTag = (text: string): boolean => languageTag(text) !== undefined

/** A BCP 47 tag as it is written by the book (`de-AT`); undefined for what is none. */
export function languageTag(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text)[0]
  } catch {
    return undefined
  }
}

/** Whether a text is the name of a time zone. */
export const isTimeZone = (text: string): boolean => timeZoneName(text) !== undefined

/**
 * An IANA name in its own spelling (`Europe/Paris`); undefined for what is none, such as an offset. Asked for each
 * reader of a run and each line of a file: the answers are kept.
 */
export function timeZoneName(text: string): string | undefined {
  if (names.has(text)) return names.get(text)
  // They come from forms and files too.
  if (names.size >= MOST_NAMES) names.clear()
  const name = lookUp(text)
  names.set(text, name)
  return name
}

const names = new Map<string, string | undefined>()

/** There are some 600, and each can be written in many ways. */
const MOST_NAMES = 2000

function lookUp(text: string): string | undefined {
  if (!/^[a-z][\w+/-]{1,63}$/i.test(text)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    // An old name (Europe/Kiev) and its new one stay what they are.
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    return undefined
  }
}

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

/** Whether a text is the name of a time zone. Asked for each reader of a run: the answers are kept. */
export function isTimeZone(text: string): boolean {
  const known = zones.get(text)
  if (known !== undefined) return known
  // Names come from our own table too, and somebody may have written anything into it.
  if (zones.size > 2000) zones.clear()
  const answer = timeZoneName(text) !== undefined
  zones.set(text, answer)
  return answer
}

const zones = new Map<string, boolean>()

/** An IANA name in its own spelling (`Europe/Paris`); undefined for what is none, such as an offset. */
export function timeZoneName(text: string): string | undefined {
  if (!/^[a-z]/i.test(text)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    // An old name (Europe/Kiev) and its new one stay what they are.
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    return undefined
  }
}

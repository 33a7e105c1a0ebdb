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

/** A tag by the book where there are words for it, be it under a wider tag (`de`); undefined where there are none. */
export function knownLanguage(text: string, languages: readonly string[]): string | undefined {
  const tag = languageTag(text)
  return languages.some(known => tag === known || tag?.startsWith(`${known}-`)) ? tag : undefined
}

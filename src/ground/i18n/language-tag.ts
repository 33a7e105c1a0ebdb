/** Whether a text has the form of a BCP 47 language tag. */
export const isLanguageTag = (text: string): boolean => languageTag(text) !== undefined

/** A BCP 47 tag in its canonical form (`de-AT`); undefined for a text that is not a tag. */
export function languageTag(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text)[0]
  } catch {
    return undefined
  }
}

/** The canonical tag if there are words for it, even under a wider tag (`de`); undefined if there are none. */
export function knownLanguage(text: string, languages: readonly string[]): string | undefined {
  const tag = languageTag(text)
  return languages.some(known => tag === known || tag?.startsWith(`${known}-`)) ? tag : undefined
}

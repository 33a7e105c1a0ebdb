export interface LanguageOption {
  readonly tag: string
  /** In the language itself. */
  readonly label: string
  readonly isChosen: boolean
}

/** The languages to choose from by their own names; the one that holds is among them, whichever it is. */
export function languageOptions(
  offered: readonly string[],
  chosen: string | undefined,
): readonly LanguageOption[] {
  const tags = new Set([...offered, ...(chosen === undefined ? [] : [chosen])])
  return [...tags]
    .map(tag => ({ tag, label: languageName(tag), isChosen: tag === chosen }))
    .sort((one, other) => one.label.localeCompare(other.label, 'en'))
}

/** What a language calls itself: "Deutsch", "Français". */
export function languageName(tag: string): string {
  try {
    const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
    return `${name.slice(0, 1).toLocaleUpperCase(tag)}${name.slice(1)}`
  } catch {
    return tag
  }
}

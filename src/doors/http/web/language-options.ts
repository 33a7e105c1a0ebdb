export interface LanguageOption {
  readonly tag: string
  /** In the language itself. */
  readonly label: string
  readonly isChosen: boolean
}

/** The languages to choose from, by their own names. The chosen one is always among them. */
export function languageOptions(
  offered: readonly string[],
  chosen: string | undefined,
): readonly LanguageOption[] {
  const tags = new Set([...offered, ...(chosen === undefined ? [] : [chosen])])
  return [...tags]
    .map(tag => ({ tag, label: languageName(tag), isChosen: tag === chosen }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en'))
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

import type { Config } from '../ground/config/schema.ts'
import { CodedError } from '../ground/errors.ts'
import { knownLanguage } from '../ground/i18n/language-tag.ts'

/**
 * The language of readers for whom nobody has set one.
 * @throws CodedError CONFIG_INVALID when it has no translation
 */
export function standardLanguage({ readers }: Pick<Config, 'readers'>, languages: readonly string[]): string {
  const tag = knownLanguage(readers.language, languages)
  if (tag !== undefined) return tag
  const found = JSON.stringify(readers.language.slice(0, 100))
  throw new CodedError(
    'CONFIG_INVALID',
    `readers.language: expected a language that has a translation (${languages.join(', ')}), found ${found}.`,
  )
}

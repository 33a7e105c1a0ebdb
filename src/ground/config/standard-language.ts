import { CodedError } from '../errors.ts'
import { knownLanguage } from '../i18n/language-tag.ts'
import type { Config } from './schema.ts'

/**
 * The language of readers for whom nobody has set one.
 * @throws CodedError CONFIG_INVALID when there are no words for it
 */
export function standardLanguage({ readers }: Pick<Config, 'readers'>, languages: readonly string[]): string {
  const tag = knownLanguage(readers.language, languages)
  if (tag !== undefined) return tag
  const found = JSON.stringify(readers.language.slice(0, 100))
  throw new CodedError(
    'CONFIG_INVALID',
    `readers.language: expected a language that there are words for (${languages.join(', ')}), found ${found}.`,
  )
}

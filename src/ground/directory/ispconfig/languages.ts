import { ownerLanguage } from '../owner-facts.ts'

/**
 * The BCP 47 tag of a language of ISPConfig, whose codes are the names of its files `interface/lib/lang/*.lng`: some of
 * them are those of countries. Undefined for a text that is neither.
 */
export function languageOf(code: string | null): string | undefined {
  return OWN_CODES.get(code?.trim().toLowerCase() ?? '') ?? ownerLanguage(code)
}

const OWN_CODES: ReadonlyMap<string, string> = new Map([
  ['br', 'pt-BR'],
  ['cz', 'cs'],
  ['dk', 'da'],
  ['se', 'sv'],
  // Translations that were made outside of ISPConfig follow its habit.
  ['cn', 'zh-CN'],
  ['gr', 'el'],
  ['jp', 'ja'],
  ['tw', 'zh-TW'],
  ['ua', 'uk'],
])

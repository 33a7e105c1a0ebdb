import { memo } from '../concurrency/memo.ts'

/**
 * The language tag for numbers and dates: the reader's own (`en-GB`) if the words are in that language, otherwise that
 * of the words, so that no page mixes two languages. The digits are always those of the words, because those of `ar-EG`
 * differ from those of `ar`.
 *
 * @param wanted any text, because it may come from a browser
 */
export const formatLanguage = (wanted: string, wordsIn: string): string =>
  languages(`${wanted} ${wordsIn}`, () => findLanguage(wanted, wordsIn))

function findLanguage(wanted: string, wordsIn: string): string {
  const tag = chosenLanguage(wanted, wordsIn)
  // Our Portuguese words are those of Portugal; ICU takes `pt` for that of Brazil.
  return tag === 'pt' ? 'pt-PT' : tag
}

function chosenLanguage(wanted: string, wordsIn: string): string {
  if (languageOf(wanted) !== languageOf(wordsIn)) return wordsIn
  const digits = digitsOf(wordsIn)
  if (digitsOf(wanted) === digits) return wanted
  try {
    return new Intl.Locale(wanted, { numberingSystem: digits }).toString()
  } catch {
    return wordsIn
  }
}

const languageOf = (tag: string): string | undefined => tag.split('-')[0]?.toLowerCase()

/** Cached, because it is needed for each mail and page and creating an Intl format costs about 50 µs. */
const digitsOf = (tag: string): string => digitsByTag(tag, () => numberingSystem(tag))

/** Limited, because browsers may ask for any tag. */
const MAX_TAGS = 500

const digitsByTag = memo<string>(MAX_TAGS)
const languages = memo<string>(MAX_TAGS)

function numberingSystem(tag: string): string {
  try {
    return new Intl.NumberFormat(tag).resolvedOptions().numberingSystem
  } catch {
    return 'latn'
  }
}

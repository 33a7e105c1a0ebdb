import { memo } from '../concurrency/memo.ts'

/**
 * The tag for numbers and dates: the reader's own (`en-GB`) where the words are in that language, otherwise the
 * language of the words, so that no page mixes two. Digits are those of the words: `ar-EG` has others than `ar`.
 *
 * @param wanted may be any text: browsers ask for it
 */
export function formatLanguage(wanted: string, wordsIn: string): string {
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

/** Asked for each mail and page: making an Intl format costs some 50 µs. */
const digitsOf = (tag: string): string => digitsByTag(tag, () => numberingSystem(tag))

/** Browsers may ask for any tag. */
const MOST_KEPT = 500

const digitsByTag = memo<string>(MOST_KEPT)

function numberingSystem(tag: string): string {
  try {
    return new Intl.NumberFormat(tag).resolvedOptions().numberingSystem
  } catch {
    return 'latn'
  }
}

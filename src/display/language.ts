/**
 * The tag for numbers and dates: the reader's own (`en-GB`) where the words are in that language, otherwise the
 * language of the words, so that no page mixes two.
 */
export const formatLanguage = (wanted: string, wordsIn: string): string =>
  wanted.split('-')[0]?.toLowerCase() === wordsIn.split('-')[0]?.toLowerCase() ? wanted : wordsIn

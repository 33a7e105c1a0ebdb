/**
 * Wraps plain text at blanks, to lines of at most `columns` characters. A line with one of our links is not wrapped,
 * because that would break the link. A long word from a mail is split far below the 998 octets of RFC 5322, 2.1.1.
 */
export const wrapText = (text: string, columns: number): string =>
  text
    .split('\n')
    .map(line => (line.length <= columns || OWN_LINK.test(line) ? line : wrapLine(line, columns)))
    .join('\n')

/** Text from a mail never matches, because of `inertForText`. */
const OWN_LINK = /^https?:\/\/\S+$/

function wrapLine(line: string, columns: number): string {
  const lines: string[] = []
  let current = ''
  for (const word of line.trimEnd().split(' ').flatMap(splitLongWord)) {
    if (current !== '' && current.length + 1 + word.length > columns) {
      lines.push(current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current].join('\n')
}

/** 200 code units are 600 octets at most. */
const MAX_WORD_LENGTH = 200

function splitLongWord(word: string): string[] {
  if (word.length <= MAX_WORD_LENGTH) return [word]
  const pieces: string[] = []
  let piece = ''
  for (const { segment } of GRAPHEMES.segment(word)) {
    if (piece.length + segment.length > MAX_WORD_LENGTH) {
      pieces.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...pieces, piece]
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * Wraps plain text at blanks, to lines of at most `columns` characters. A line with one of our links is not wrapped,
 * because that would break the link. A long word from a mail is split far below the 998 octets of RFC 5322, 2.1.1.
 */
export function wrapText(text: string, columns: number): string {
  let wrapped = ''
  let taken = 0
  for (let start = 0; start < text.length; ) {
    const end = endOfLine(text, start)
    const line = end - start <= columns ? '' : text.slice(start, end)
    if (line !== '' && !isOwnLink(line)) {
      wrapped += text.slice(taken, start) + wrapLine(line, columns)
      taken = end
    }
    start = end + 1
  }
  return wrapped + text.slice(taken)
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

/** Text from a mail never matches, because of `inertForText`. */
const isOwnLink = (line: string): boolean => /^https?:\/\//.test(line) && !line.includes(' ')

function wrapLine(line: string, columns: number): string {
  const text = line.trimEnd()
  let wrapped = ''
  let start = 0
  while (text.length - start > columns) {
    const blank = text.lastIndexOf(' ', start + columns)
    if (blank > start) {
      wrapped += `${text.slice(start, blank)}\n`
      start = blank + 1
      continue
    }
    const [piece, next] = firstWord(text, start)
    if (next >= text.length) return wrapped + piece
    wrapped += `${piece}\n`
    start = next
  }
  return wrapped + text.slice(start)
}

/** A word that is longer than a line, or its first piece, and where the text goes on. */
function firstWord(text: string, start: number): [string, number] {
  const blank = text.indexOf(' ', start + 1)
  const word = text.slice(start, blank < 0 ? text.length : blank)
  if (word.length <= MAX_WORD_LENGTH) return [word, start + word.length + 1]
  const piece = firstPiece(word)
  return [piece, start + piece.length]
}

/** 200 code units are 600 octets at most. */
const MAX_WORD_LENGTH = 200

function firstPiece(word: string): string {
  let end = 0
  for (const { segment, index } of GRAPHEMES.segment(word)) {
    if (index + segment.length > MAX_WORD_LENGTH) break
    end = index + segment.length
  }
  return word.slice(0, end || MAX_WORD_LENGTH)
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

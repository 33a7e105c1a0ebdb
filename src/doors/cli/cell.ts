import type * as StringWidth from 'string-width'
import { onFirstUse } from '../../ground/on-first-use.ts'

const stringWidth = onFirstUse<typeof StringWidth>('string-width')

/** The columns that a text takes on a terminal: two for each wide letter, none for a mark on another letter. */
export const widthOf = (text: string): number =>
  NARROW.test(text) ? text.length : stringWidth().default(text)

const NARROW = /^[ -~]*$/

/** The lines of a text, none wider than `width`. It is broken between words, and within those that are wider. */
export function wrapped(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap(one => pieces(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

function pieces(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word]
  const found: string[] = []
  let piece = ''
  for (const { segment } of GRAPHEMES.segment(word)) {
    if (piece !== '' && widthOf(piece + segment) > width) {
      found.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...found, piece]
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

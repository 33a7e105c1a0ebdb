import { withoutC1Controls } from '../charsets/c1-controls.ts'

/**
 * One line of text from a mail, safe and pleasant to show: without control, bidi and invisible characters and lone
 * surrogates, with white space collapsed and stacked marks thinned out, cut after `maxGraphemes` with an ellipsis.
 * U+0080 to U+009F are read as windows-1252. It is still plain text: the caller must escape it for HTML.
 */
export function displayText(value: string, maxGraphemes: number): string {
  if (value.length <= maxGraphemes && PLAIN_LINE.test(value)) return value
  const prefix = value.slice(0, RAW_UNITS_PER_GRAPHEME * maxGraphemes + RAW_UNITS_SPARE)
  const text = visibleLine(prefix)
  return cutByGrapheme(text, maxGraphemes, prefix.length < value.length)
}

/**
 * Characters with single blanks inside, which none of the rules below would change: printable ASCII, Latin, Greek and
 * Cyrillic letters with their signs, punctuation, the letters of Arabic, kana, Chinese characters and Hangul syllables.
 * Each is one UTF-16 unit, one grapheme, and its own NFC.
 */
const PLAIN = `!-~¡-¬®-\u02AF\u0388-\u03FF\u0400-\u0482\u048A-\u052F\u0621-\u063A\u0641-\u064A\u0660-\u0669
\u2010-\u2015\u2018-\u201E\u2020-\u2022\u2026\u20AC\u2116\u2122\u3001-\u3011\u3041-\u3096\u30A1-\u30FE\u4E00-\u9FA5\uAC00-\uD7A3\uFF01-\uFF5E`.replace(
  '\n',
  '',
)
const PLAIN_LINE = new RegExp(`^[${PLAIN}]+(?: [${PLAIN}]+)*$`)

/**
 * How much of a hostile value is read: enough for the longest emoji family in every position, and for some junk at the
 * beginning. This limits the work for a subject of 10 MB.
 */
const RAW_UNITS_PER_GRAPHEME = 16
const RAW_UNITS_SPARE = 1024

function visibleLine(raw: string): string {
  return withoutC1Controls(raw)
    .replace(WHITE_SPACE, ' ')
    .replace(INVISIBLE, withoutInvisible)
    .normalize('NFC')
    .replace(UNREADABLE, '\uFFFD')
    .replace(STACKED_MARKS, '$1')
    .replace(BLANKS, ' ')
    .trim()
}

/** Everything that looks blank, including the Braille blank, but not the byte order mark, which `\s` would include. */
const WHITE_SPACE = /[\t-\r\p{Zs}\p{Zl}\p{Zp}\u2800]+/gu

const BLANKS = / {2,}/g

/**
 * Control and format characters, including all bidi controls, zero-width characters, soft hyphens, tags, Hangul fillers
 * and variation selectors, but not the visible Arabic and Syriac signs that Unicode counts as "format".
 */
const INVISIBLE =
  /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]]/gv

/** Lone surrogates, private characters (a logo in one font, a box in another) and earlier replacement characters. */
const UNREADABLE = /[\p{Cs}\p{Co}\uFFFD]+/gu

/** More than four marks on one letter: no script needs them, "zalgo" text does. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu

/** Keeps joiners and selectors where they have a meaning, and drops all other invisible characters. */
function withoutInvisible(character: string, offset: number, text: string): string {
  const before = text.slice(Math.max(0, offset - 3), offset)
  const after = text.slice(offset + character.length, offset + character.length + 2)
  switch (character) {
    case EMOJI_SELECTOR:
      return ENDS_IN_EMOJI.test(before) || isKeycap(before, after) ? character : ''
    case JOINER:
      if (ENDS_IN_EMOJI.test(before) && STARTS_WITH_EMOJI.test(after)) return character
      return joinsLetters(before, after) ? character : ''
    case NON_JOINER:
      return joinsLetters(before, after) ? character : ''
    default:
      return ''
  }
}

const EMOJI_SELECTOR = '\uFE0F'
const JOINER = '\u200D'
const NON_JOINER = '\u200C'

const ENDS_IN_EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?$/u
const STARTS_WITH_EMOJI = /^\p{Extended_Pictographic}/u

/** Such as "1", the emoji selector and the key around it. */
const isKeycap = (before: string, after: string): boolean =>
  /[#*0-9]$/.test(before) && after.startsWith('\u20E3')

/** In these scripts a joiner or non-joiner changes how a word is written (Persian, Hindi, Bengali, Sinhala, …). */
const JOINING_LETTER =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Mymr}\\p{scx=Khmr}\\p{scx=Mong}]'
const ENDS_IN_JOINING_LETTER = new RegExp(`(?=[\\p{L}\\p{M}])${JOINING_LETTER}$`, 'u')
const STARTS_WITH_JOINING_LETTER = new RegExp(`^(?=[\\p{L}\\p{M}])${JOINING_LETTER}`, 'u')

const joinsLetters = (before: string, after: string): boolean =>
  ENDS_IN_JOINING_LETTER.test(before) && STARTS_WITH_JOINING_LETTER.test(after)

function cutByGrapheme(text: string, maxGraphemes: number, wasCut: boolean): string {
  if (!wasCut && text.length <= maxGraphemes) return text
  let kept = 0
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    if (kept === maxGraphemes || segment.length > MAX_GRAPHEME_LENGTH)
      return withEllipsis(text.slice(0, index))
    kept += 1
  }
  return wasCut && text !== '' ? withEllipsis(text) : text
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * An endless chain of joined emoji or Hangul is one grapheme. The longest real one, a family with skin tones, has 25.
 */
const MAX_GRAPHEME_LENGTH = 32

const withEllipsis = (text: string): string => `${text.trimEnd()}…`

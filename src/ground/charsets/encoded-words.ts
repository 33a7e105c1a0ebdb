import { decoderOf } from './decoder-of.ts'

/** An encoded word of RFC 2047, with the language of RFC 2231: `=?utf-8*en?Q?caf=C3=A9?=`. */
export const ENCODED_WORD = String.raw`=\?[^\s?=]{1,60}\?[Bb]\?[A-Za-z0-9+/=\s]*\?=|=\?[^\s?=]{1,60}\?[Qq]\?(?:[^\s?]*|[^?<>@",]*)\?=`

/**
 * Decodes the encoded words that amavisd has left in a header field because its Perl does not know their charset. Words
 * with nothing but white space between them belong together (RFC 2047, section 6.2), and a character may begin in one
 * and end in the next. A word in a charset that is unknown here, too, is shown as text if its octets are UTF-8, of which
 * ASCII is a part; otherwise it stays as it is.
 *
 * @param text a whole field. One of 255 characters was cut off by amavisd, so that its last word may lack its end.
 */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  return withoutCutWord(text).replace(RUN, decodeRun)
}

/** `msgs.subject` and `msgs.from_addr` have 255 characters, also if the database counts octets of UTF-8. */
const CUT_AT = 255

const WORD_AT_END = /=\?[^\s?=]{1,60}\?(?:[Bb]\?[A-Za-z0-9+/=]*|[Qq]\?[^\s?]*)\??$/
const START_AT_END = /\s*=(?:\?(?:[^\s?=]{1,60}(?:\?(?:[BbQq])?)?)?)?$/

/** Ends a word that was cut off, and drops one of which only the beginning of its charset is left. */
function withoutCutWord(text: string): string {
  if (text.length < CUT_AT) return text
  if (WORD_AT_END.test(text)) return `${text.replace(/\?$/, '')}?=`
  return text.endsWith('?=') ? text : text.replace(START_AT_END, '')
}

/** Words with only white space between them. */
const RUN = new RegExp(`(?:${ENCODED_WORD})(?:\\s*(?:${ENCODED_WORD}))*`, 'g')

const WORD = new RegExp(ENCODED_WORD, 'g')
const PARTS = /^=\?([^?*]+)(?:\*[^?]*)?\?([BbQq])\?(.*)\?=$/s

interface Piece {
  readonly charset: string
  /** The words as they were. */
  readonly raw: string
  readonly octets: Buffer
}

const decodeRun = (run: string): string =>
  joined((run.match(WORD) ?? []).map(pieceOf))
    .map(decode)
    .join('')

function pieceOf(raw: string): Piece {
  const [, charset = '', encoding = '', content = ''] = PARTS.exec(raw) ?? []
  const octets = encoding.toUpperCase() === 'B' ? fromBase64(content) : fromQ(content)
  return { charset: charset.toLowerCase(), raw, octets }
}

/** Words of one charset become one, because a character may be divided between them. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (last?.charset !== piece.charset) {
      all.push(piece)
    } else {
      const octets = Buffer.concat([last.octets, piece.octets])
      all[all.length - 1] = { ...piece, raw: `${last.raw} ${piece.raw}`, octets }
    }
  }
  return all
}

function decode({ charset, raw, octets }: Piece): string {
  const decoder = decoderOf(charset)
  // `stream`: half a character at the end, where the field was cut off, is left out.
  if (decoder) return new TextDecoder(decoder).decode(octets, { stream: true })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    return raw
  }
}

/** Perl joins adjacent words of one charset, so that there may be padding in the middle. */
const fromBase64 = (content: string): Buffer =>
  Buffer.concat(content.split(/=+/).map(part => Buffer.from(part, 'base64')))

const fromQ = (content: string): Buffer =>
  Buffer.from(
    content
      .replaceAll('_', ' ')
      .replace(/[^\0-\x7F]/g, character => Buffer.from(character).toString('latin1'))
      .replace(/=([0-9A-Fa-f]{2})/g, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16))),
    'latin1',
  )

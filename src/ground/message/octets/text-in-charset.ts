import { withoutC1Controls } from '../../charsets/c1-controls.ts'
import { decoderOf } from '../../charsets/decoder-of.ts'

/**
 * Text of a mail from its octets. A charset that is unknown, missing or wrong does not stop it: what is UTF-8 is read as
 * UTF-8 where the charset says nothing better, and everything can be read as windows-1252.
 *
 * @param isCut whether the octets may end within a character, which is then left out
 */
export function textInCharset(octets: Uint8Array, charset: string | undefined, isCut = false): string {
  const decoded: Decode = label => new TextDecoder(label).decode(octets, { stream: isCut })
  const label = charset === undefined ? undefined : decoderOf(charset.trim().toLowerCase())
  if (label === undefined || READ_AS_UTF_8.has(label)) return asUtf8(decoded, label) ?? decoded(WESTERN)
  // Somebody's program says UTF-16 and writes ASCII: then no other octet is 0.
  if (label.startsWith('utf-16') && !octets.includes(0)) return asUtf8(decoded, undefined) ?? decoded(label)
  return withoutC1Controls(decoded(label))
}

type Decode = (label: string) => string

const WESTERN = 'windows-1252'

/** `us-ascii` and `iso-8859-1` are windows-1252 to a decoder. Text in UTF-8 often calls itself one of them. */
const READ_AS_UTF_8: ReadonlySet<string> = new Set(['utf-8', WESTERN])

/** @returns undefined where most of what is no ASCII is no UTF-8 either */
function asUtf8(decoded: Decode, label: string | undefined): string | undefined {
  const text = decoded('utf-8')
  if (!text.includes(REPLACEMENT)) return text
  // Said to be UTF-8, and damaged: that is to be seen in a character or two.
  if (label !== 'utf-8') return undefined
  const replaced = text.split(REPLACEMENT).length - 1
  const other = (text.match(NOT_ASCII) ?? []).length - replaced
  return other >= replaced ? text : undefined
}

const REPLACEMENT = '\uFFFD'
const NOT_ASCII = /[^\0-\x7F]/gu

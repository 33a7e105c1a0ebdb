import { withoutC1Controls } from '../../charsets/c1-controls.ts'
import { decoderOf } from '../../charsets/decoder-of.ts'

/**
 * Text of a mail from its octets. A charset that is unknown, missing or wrong does not stop it: what is UTF-8 is read as
 * UTF-8 where the charset says nothing better, and everything can be read as windows-1252.
 *
 * @param octets may end within a character, because a long part is cut
 */
export function textInCharset(octets: Uint8Array, charset: string | undefined): string {
  const label = charset === undefined ? undefined : decoderOf(charset.trim().toLowerCase())
  if (label === undefined || READ_AS_UTF_8.has(label))
    return asUtf8(octets, label) ?? decoded(octets, WESTERN)
  // Somebody's program says UTF-16 and writes ASCII: then no other octet is 0.
  if (label.startsWith('utf-16') && !octets.includes(0))
    return asUtf8(octets, undefined) ?? decoded(octets, label)
  return withoutC1Controls(decoded(octets, label))
}

const WESTERN = 'windows-1252'

/** `us-ascii` and `iso-8859-1` are windows-1252 to a decoder. Text in UTF-8 often calls itself one of them. */
const READ_AS_UTF_8: ReadonlySet<string> = new Set(['utf-8', WESTERN])

/** @returns undefined where most of what is no ASCII is no UTF-8 either */
function asUtf8(octets: Uint8Array, label: string | undefined): string | undefined {
  const text = decoded(octets, 'utf-8')
  if (!text.includes(REPLACEMENT)) return text
  // Said to be UTF-8, and damaged: that is to be seen in a character or two.
  if (label !== 'utf-8') return undefined
  const replaced = text.split(REPLACEMENT).length - 1
  const other = (text.match(NOT_ASCII) ?? []).length - replaced
  return other >= replaced ? text : undefined
}

/** `stream`: half a character at the end is left out. */
const decoded = (octets: Uint8Array, label: string): string =>
  new TextDecoder(label).decode(octets, { stream: true })

const REPLACEMENT = '\uFFFD'
const NOT_ASCII = /[^\0-\x7F]/gu

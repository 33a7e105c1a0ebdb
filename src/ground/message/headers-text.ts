import { visible } from './html/shown-text.ts'
import { bodyOf } from './octets/header-fields.ts'
import { textInCharset } from './octets/text-in-charset.ts'

/** The header of a message as text, safe to show as text and bounded. @param from where it begins */
export const headersText = (octets: Uint8Array, from: number): string =>
  visible(textInCharset(octets.subarray(from, Math.min(bodyOf(octets, from), from + MOST_OCTETS)), undefined))

const MOST_OCTETS = 200_000

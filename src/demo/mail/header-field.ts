import { decodeWords } from 'postal-mime'

/**
 * A header field of a message as amavisd writes it into `msgs` (`save_info_final`): unfolded, trimmed, decoded and cut
 * to 255 characters. Empty if the message lacks the field; if there are several, the first one counts.
 */
export function headerField(message: Buffer, name: string): string {
  const header = message.subarray(0, message.indexOf('\n\n') + 1).toString('latin1')
  const field = new RegExp(`^${name}[ \\t]*:((?:.|\\n[ \\t])*)`, 'im').exec(header)
  const octets = (field?.[1] ?? '').replace(/\n(?=[ \t])/g, '').replace(/^[ \t]+|[ \t]+$/g, '')
  return [...decode(Buffer.from(octets, 'latin1'))].slice(0, LONGEST).join('')
}

const LONGEST = 255

/** ASCII is read as encoded words, valid UTF-8 as UTF-8, and anything else as Windows-1252 (`safe_decode_mime`). */
function decode(octets: Buffer): string {
  if (octets.every(octet => octet < 0x80)) return decodeWords(octets.toString('latin1'))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    return new TextDecoder('windows-1252').decode(octets)
  }
}

import { latin1 } from '../octets/header-fields.ts'
import type { Part } from './part-tree.ts'

/**
 * The content of a part, its transfer encoding undone (RFC 2045, section 6). Nothing else is unpacked.
 *
 * @param most octets that are wanted
 */
export function decodedBody(
  { encoding, body }: Pick<Part, 'encoding' | 'body'>,
  most = Infinity,
): Uint8Array {
  if (encoding.includes('base64')) return fromBase64(body, most)
  if (encoding.includes('quoted-printable')) return fromQuotedPrintable(body).subarray(0, most)
  return body.subarray(0, most)
}

/** In pieces, so that no string is larger than a megabyte. Padding may stand at the end of each line. */
function fromBase64(body: Uint8Array, most: number): Uint8Array {
  const pieces: Buffer[] = []
  let rest = ''
  let length = 0
  for (let at = 0; at < body.length && length < most; at += PIECE) {
    const text = rest + latin1(body.subarray(at, at + PIECE)).replace(NOT_BASE64, '')
    const units = text.split(/=+/)
    const open = units.pop() ?? ''
    const whole = open.length - (open.length % 4)
    for (const unit of [...units, open.slice(0, whole)]) {
      const octets = Buffer.from(unit, 'base64')
      pieces.push(octets)
      length += octets.length
    }
    rest = open.slice(whole)
  }
  pieces.push(Buffer.from(rest, 'base64'))
  return Buffer.concat(pieces).subarray(0, most)
}

const PIECE = 1_000_000
const NOT_BASE64 = /[^A-Za-z0-9+/=]+/g

/** Never longer than it was. What is no hexadecimal number stays as it is. */
function fromQuotedPrintable(body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(body.length)
  let length = 0
  for (let at = 0; at < body.length; at += 1) {
    const octet = body[at] ?? 0
    const end = octet === EQUALS ? endOfSoftBreak(body, at + 1) : undefined
    if (end !== undefined) {
      at = end
      continue
    }
    const [high, low] = [digit(body[at + 1]), digit(body[at + 2])]
    const isEncoded = octet === EQUALS && high !== undefined && low !== undefined
    octets[length] = isEncoded ? 16 * high + low : octet
    length += 1
    if (isEncoded) at += 2
  }
  return octets.subarray(0, length)
}

const EQUALS = 0x3d

/** Where a line's end is that an equals sign hides; blanks may stand before it. */
function endOfSoftBreak(body: Uint8Array, from: number): number | undefined {
  let at = from
  while (at < from + MOST_BLANKS && (body[at] === 0x20 || body[at] === 0x09 || body[at] === 0x0d)) at += 1
  return body[at] === 0x0a || at >= body.length ? at : undefined
}

const MOST_BLANKS = 76

function digit(octet: number | undefined): number | undefined {
  if (octet === undefined) return undefined
  const value = Number.parseInt(String.fromCharCode(octet), 16)
  return Number.isNaN(value) ? undefined : value
}

import { type Charset, encodeText } from './charset.ts'

/** A MIME entity (RFC 2045): its header lines and its body, encoded for transfer. */
export interface Entity {
  readonly header: readonly string[]
  readonly body: Buffer
}

/** An entity that contains others (RFC 2046, section 5.1). A single part is returned as it is. */
export function multipart(subtype: string, parts: readonly Entity[]): Entity {
  const [only, second] = parts
  if (only && !second) return only
  const boundary = `=_${subtype.split(';')[0]}_${parts.length}_demo`
  const pieces = parts.flatMap(part => [
    Buffer.from(`--${boundary}\n${part.header.join('\n')}\n\n`),
    part.body,
    NEWLINE,
  ])
  return {
    header: [`Content-Type: multipart/${subtype};\n boundary="${boundary}"`],
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\n`)]),
  }
}

/** A text part in a character set, as base64 or quoted-printable. */
export function textPart(
  type: string,
  text: string,
  charset: Charset,
  transfer: 'base64' | 'quoted-printable',
): Entity {
  const octets = encodeText(text, charset)
  return {
    header: [`Content-Type: ${type}; charset=${charset}`, `Content-Transfer-Encoding: ${transfer}`],
    body: Buffer.from(transfer === 'base64' ? base64Lines(octets) : quotedPrintable(octets)),
  }
}

/** An attachment; `message/*` parts stay as they are (RFC 2046, section 5.2.1). */
export function attachmentPart(type: string, content: Buffer, filename?: string): Entity {
  if (type.startsWith('message/')) return { header: [`Content-Type: ${type}`], body: content }
  const name = filename ? `; filename="${filename}"` : ''
  return {
    header: [
      `Content-Type: ${type}`,
      `Content-Disposition: attachment${name}`,
      'Content-Transfer-Encoding: base64',
    ],
    body: Buffer.from(base64Lines(content)),
  }
}

/** Unstructured text for a header field: as it is, or as encoded words (RFC 2047) of at most 75 characters. */
export function headerText(text: string, charset: Charset): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text
  return encodedWordTexts(text, charset)
    .map(octets => `=?${charset}?B?${octets.toString('base64')}?=`)
    .join('\n ')
}

const NEWLINE = Buffer.from('\n')

/** Splits only between characters, because an encoded word must not end within one. */
function encodedWordTexts(text: string, charset: Charset): Buffer[] {
  const octetsPerWord = Math.floor((75 - `=?${charset}?B??=`.length) / 4) * 3
  const words: string[] = ['']
  for (const character of text) {
    const longer = (words.at(-1) ?? '') + character
    if (encodeText(longer, charset).length > octetsPerWord) words.push(character)
    else words[words.length - 1] = longer
  }
  return words.map(word => encodeText(word, charset))
}

function base64Lines(octets: Buffer): string {
  const lines: string[] = []
  for (let start = 0; start < octets.length; start += BASE64_LINE) {
    lines.push(octets.toString('base64', start, start + BASE64_LINE))
  }
  return `${lines.join('\n')}\n`
}

/** 57 octets become 76 characters, the longest line that RFC 2045 allows. */
const BASE64_LINE = 57

function quotedPrintable(octets: Buffer): string {
  return octets
    .toString('latin1')
    .split('\n')
    .map(line => softBreaks(line.replace(/[^\x20-\x3c\x3e-\x7e]|[ \t]$/g, quotedOctet)))
    .join('\n')
}

const quotedOctet = (octet: string): string =>
  `=${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** Lines of at most 75 characters and the `=` that joins them. A quoted octet is never split. */
const softBreaks = (line: string): string => line.match(/(?:=..|.){1,25}/g)?.join('=\n') ?? ''

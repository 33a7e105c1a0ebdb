/** The attributes of one AM.PDP request; a name can occur more than once (`recipient`). */
export type Attributes = ReadonlyMap<string, readonly string[]>

/**
 * The attributes in the lines of a request. A line that is none is skipped, as amavisd does.
 * Octets beyond ASCII are percent-encoded UTF-8.
 */
export function decodeRequest(lines: readonly string[]): Attributes {
  const attributes = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const known = attributes.get(decode(name)) ?? []
    attributes.set(decode(name), [...known, decode(value)])
  }
  return attributes
}

/** One line of a reply, without its line end. Each value is encoded by itself (`proto_encode`). */
export const encodeReply = (name: string, ...values: readonly string[]): string =>
  `${name}=${values.map(encode).join(' ')}`

const decode = (value: string): string =>
  Buffer.from(
    value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()

/** Everything outside `!`–`$` and `&`–`~`. */
const encode = (value: string): string =>
  Buffer.from(value)
    .toString('latin1')
    .replace(/[^\x21-\x24\x26-\x7e]/g, octet => `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** One line of AM.PDP: a name and one or more fields separated by blanks (`setreply=250 2.0.0 Ok`). */
export type Attribute = readonly [name: string, ...fields: string[]]

/** Encodes a request or a reply: lines that end with CR LF, then an empty line (README.protocol of amavisd). */
export const encodeMessage = (attributes: readonly Attribute[]): string =>
  `${attributes.map(([name, ...fields]) => `${encodeName(name)}=${fields.map(encodeField).join(' ')}\r\n`).join('')}\r\n`

/** The attributes of a message, in their order. A line without `=` is skipped, as amavisd does. */
export const decodeMessage = (message: string): Attribute[] =>
  message.split(/\r?\n/).flatMap(line => {
    const equals = line.indexOf('=')
    if (equals < 0) return []
    const fields = line.slice(equals + 1).split(' ')
    return [[decode(line.slice(0, equals)), ...fields.map(decode)] satisfies Attribute]
  })

/** Encodes everything except letters, digits, `_` and `-`. */
const encodeName = (name: string): string => percentEncode(name, /[^0-9A-Za-z_-]/g)

/** Encodes everything outside `!`–`$` and `&`–`~`. */
const encodeField = (field: string): string => percentEncode(field, /[^\x21-\x24\x26-\x7e]/g)

/** Works octet by octet on the UTF-8 form. */
const percentEncode = (text: string, unsafe: RegExp): string =>
  Buffer.from(text)
    .toString('latin1')
    .replace(unsafe, octet => `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** A stray percent sign stands for itself; octets that are not UTF-8 become U+FFFD. */
const decode = (text: string): string =>
  Buffer.from(
    Buffer.from(text)
      .toString('latin1')
      .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()

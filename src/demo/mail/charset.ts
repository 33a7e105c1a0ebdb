/** The character sets of the samples: those that real mail used before UTF-8 became universal. */
export type Charset =
  | 'utf-8'
  | 'iso-8859-1'
  | 'iso-8859-7'
  | 'koi8-r'
  | 'windows-1255'
  | 'windows-1256'
  | 'tis-620'
  | 'iso-2022-jp'
  | 'gb2312'
  | 'euc-kr'

/** The octets of a text in a character set. @throws RangeError when the set lacks a character */
export function encodeText(text: string, charset: Charset): Buffer {
  if (charset === 'utf-8') return Buffer.from(text)
  if (charset === 'iso-2022-jp') return encodeIso2022Jp(text)
  return Buffer.concat([...text].map(character => octetsOf(character, charset)))
}

/** JIS X 0208 is EUC-JP without the high bits, between the escapes of RFC 1468. */
function encodeIso2022Jp(text: string): Buffer {
  const runs = text.match(/[\0-\x7f]+|[^\0-\x7f]+/g) ?? []
  return Buffer.concat(
    runs.map(run => {
      if (run.charCodeAt(0) < 0x80) return Buffer.from(run)
      const octets = [...run].flatMap(character => [...octetsOf(character, 'euc-jp')])
      return Buffer.from([0x1b, 0x24, 0x42, ...octets.map(octet => octet & 0x7f), 0x1b, 0x28, 0x42])
    }),
  )
}

function octetsOf(character: string, charset: string): Buffer {
  const code = character.charCodeAt(0)
  if (code < 0x80) return Buffer.from([code])
  const octets = tableOf(charset).get(character)
  if (!octets) throw new RangeError(`${charset} has no character ${JSON.stringify(character)}`)
  return octets
}

const tables = new Map<string, ReadonlyMap<string, Buffer>>()

function tableOf(charset: string): ReadonlyMap<string, Buffer> {
  const known = tables.get(charset)
  if (known) return known
  const table = invertDecoder(charset)
  tables.set(charset, table)
  return table
}

/** Node can decode these sets but not encode them, so every octet sequence is decoded once and looked up in reverse. */
function invertDecoder(charset: string): ReadonlyMap<string, Buffer> {
  const candidates = DOUBLE_BYTE.includes(charset) ? doubleOctets() : singleOctets()
  const lines = Buffer.concat(candidates.flatMap(octets => [octets, NEWLINE]))
  const decoded = new TextDecoder(charset).decode(lines).split('\n')
  const table = new Map<string, Buffer>()
  for (const [index, octets] of candidates.entries()) {
    const character = decoded[index]
    if (character && !character.includes('\ufffd') && !table.has(character)) table.set(character, octets)
  }
  return table
}

const NEWLINE = Buffer.from('\n')

const DOUBLE_BYTE = ['euc-jp', 'gb2312', 'euc-kr']

const singleOctets = (): Buffer[] => range(0x80, 0xff).map(octet => Buffer.from([octet]))

const doubleOctets = (): Buffer[] =>
  range(0xa1, 0xfe).flatMap(lead => range(0xa1, 0xfe).map(trail => Buffer.from([lead, trail])))

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

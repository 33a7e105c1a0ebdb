/** The name by which `TextDecoder` knows a charset; undefined if it does not know it. */
export function decoderOf(charset: string): string | undefined {
  const label = BY_CODE_PAGE[CODE_PAGE.exec(charset)?.[1] ?? ''] ?? charset
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

/** Names that Microsoft's programs give to code pages, and which the WHATWG's list lacks. */
const CODE_PAGE = /^(?:windows|cp|ms|x-ms-cp)-?(932|936|949|950)$/i

const BY_CODE_PAGE: Readonly<Record<string, string>> = {
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
}

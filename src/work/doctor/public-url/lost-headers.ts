/** What a proxy did to the headers that protect readers. */
export interface LostHeaders {
  /** Empty: nothing. */
  readonly sentence: string
}

export const isLost = ({ sentence }: LostHeaders): boolean => sentence !== ''

/** Compares the headers of an answer with what this program sets. @param headers by their names in lower case */
export function lostHeaders(
  headers: Readonly<Record<string, string | undefined>>,
  publicUrl: string,
): LostHeaders {
  const expected = Object.entries(EXPECTED).filter(
    ([name]) => name !== STRICT_TRANSPORT || publicUrl.startsWith('https:'),
  )
  const gone = expected.filter(([name]) => headers[name] === undefined).map(([name]) => name)
  const changed = expected
    .filter(([name, pattern]) => headers[name] !== undefined && !pattern.test(headers[name]))
    .map(([name]) => name)
  return {
    sentence: [
      ...(gone.length > 0 ? [`The proxy removes ${gone.join(', ')}.`] : []),
      ...(changed.length > 0 ? [`The proxy changes or adds to ${changed.join(', ')}.`] : []),
    ].join(' '),
  }
}

const STRICT_TRANSPORT = 'strict-transport-security'

/** As `doors/http/middleware/security-headers.ts` sets them. Two values of one header are joined by a comma. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /^default-src 'none';[^,]*$/,
  'x-frame-options': /^DENY$/i,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
  'cache-control': /^no-store$/,
  [STRICT_TRANSPORT]: /^max-age=[1-9]/,
}

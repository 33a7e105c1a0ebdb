/** What a URL of the configuration may have besides its scheme, host, port and path. */
export interface UrlParts {
  readonly signIn: boolean
  readonly query: boolean
}

/**
 * What was expected of a URL instead of this one; undefined if it is well formed. A character of a password may have
 * split it in the wrong place: `mysql://amavis:47?word@db` has the host `amavis`, the port 47 and the rest as its query.
 * The message contains nothing of the URL.
 */
export function urlFault(text: string, example: string, takes: UrlParts): string | undefined {
  const expected = `expected a URL such as ${example}`
  if (!URL.canParse(text)) return text.includes('@') ? `${expected}, with ${ESCAPES}` : expected
  if (text.includes('#')) return takes.signIn ? `expected ${ESCAPES}` : 'expected %23 for each #'
  const url = new URL(text)
  if (!LOCAL.test(text) && !hasServer(text, url, takes)) return expected
  if (!takes.signIn && (url.username !== '' || url.password !== '')) {
    return 'expected a URL without user and password'
  }
  if (takes.signIn && (isSplit(url) || !isDecodable(url))) return `expected ${ESCAPES}`
  if (!isDecodable(url)) return 'expected %25 for each %'
  return takes.query || url.search === '' ? undefined : `${expected}, without a ?`
}

/** Whether a value may contain a password: a URL that has a user, or would have one if it were well formed. */
export const mayShowPassword = (value: unknown): boolean =>
  typeof value === 'string' && /(?::\/\/|^[^\s<]*:).*@/s.test(value)

/** A path of this machine. All other URLs lead to a server. */
const LOCAL = /^(?:sqlite|unix|exec):/i

/**
 * `smtp:mail.example.com:25`, as Postfix writes it, is a URL without a host: it would lead to this machine. Only the URL
 * of a database may have none, because a parameter may name its socket.
 */
const hasServer = (text: string, url: URL, { query }: UrlParts): boolean =>
  /^[^:]+:\/\//.test(text) && (query || url.hostname !== '')

const ESCAPES = '%23 for #, %2F for /, %3F for ?, %40 for @ and %25 for % in the user and password'

/** The host follows the user and password, so an @ after the host shows that they really end there. */
const isSplit = (url: URL): boolean =>
  !LOCAL.test(url.href) &&
  (url.pathname.includes('@') || url.search.slice(1).split('&').some(mayBelongToPassword))

/** The path of a file may contain an @: `socketPath=/run/mysqld@1/mysqld.sock`. */
const mayBelongToPassword = (parameter: string): boolean =>
  parameter.includes('@') && !/^[A-Za-z-]+=(?:\/|%2[Ff])/.test(parameter)

/** Bad percent-encoding would fail much later, when the connection is opened. */
function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}${pathname}`)
    return true
  } catch {
    return false
  }
}

import type { ImapFlow } from 'imapflow'
import type { Verdict } from '../methods.ts'

/** Of the connection, after it was closed. */
export type SignedInClient = Pick<ImapFlow, 'authenticated' | 'greeting' | 'secureConnection'>

/**
 * What an attempt to sign in to an IMAP server says.
 *
 * @param error what ended it; undefined if nothing did
 */
export function verdictOn(client: SignedInClient, address: string, error: unknown): Verdict {
  const { authenticated, greeting, secureConnection } = client
  if (!secureConnection) return { outcome: 'away', why: whyOf(error, 'no TLS') }
  // The greeting may be that somebody is signed in already (PREAUTH), whoever they are. Then imapflow has none.
  if (authenticated && greeting === undefined) return { outcome: 'away', why: 'it wants no password' }
  // What goes wrong after that, such as a mailbox that cannot be opened, is not about the password.
  if (authenticated) return { outcome: 'accepted', addresses: [address] }
  if (isRefusal(error)) return { outcome: 'refused' }
  return { outcome: 'away', why: whyOf(error, 'no answer to the password') }
}

/** Only NO to the password itself is a refusal. Some NO mean that the server cannot tell now (RFC 5530). */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  Reflect.get(error, 'authenticationFailed') === true &&
  Reflect.get(error, 'responseStatus') === 'NO' &&
  !CANNOT_TELL.has(String(Reflect.get(error, 'serverResponseCode') ?? ''))

const CANNOT_TELL: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'CONTACTADMIN',
  'INUSE',
  'LIMIT',
  'SERVERBUG',
  'PRIVACYREQUIRED',
])

/** Nothing of the server's own text: it may repeat what it was sent. */
function whyOf(error: unknown, otherwise: string): string {
  if (!(error instanceof Error)) return otherwise
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  const code = String(Reflect.get(error, 'serverResponseCode') ?? Reflect.get(error, 'code') ?? '')
  return /^\w{1,60}$/.test(code) ? code : otherwise
}

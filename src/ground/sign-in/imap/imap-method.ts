import type { ImapFlow } from 'imapflow'
import { domainOf, readerAddress } from '../../directory/reader-address.ts'
import type { Credentials, PasswordMethod, Verdict } from '../methods.ts'
import { verdictOn } from './verdict.ts'

export interface ImapSettings {
  /** `imaps://host`, or `imap://host`, which must offer STARTTLS. */
  readonly url: string
  /** The servers of some domains, by the domains' A-labels. */
  readonly domains?: Readonly<Record<string, string>> | undefined
  /** See `trustedAuthorities`. */
  readonly authorities: () => readonly string[]
  /** Milliseconds, for everything together. */
  readonly timeout: number
}

/**
 * Signs in to the IMAP server of the address's domain, and out again. The password goes over TLS only. An address that
 * is none is not asked about, and neither is any other name: a server that knows names without a domain vouches for no
 * address.
 */
export const imapMethod = (settings: ImapSettings): PasswordMethod => ({
  kind: 'imap',
  async check({ name, password, remoteAddress }, signal) {
    const address = readerAddress(name)
    if (address === undefined || password === '') return { outcome: 'refused' }
    const url = settings.domains?.[domainOf(address)] ?? settings.url
    const client = await clientFor(url, settings.authorities(), { name: address, password, remoteAddress })
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
    const verdict = await signInAndOut(client, address, limit)
    signal.throwIfAborted()
    return verdict
  },
})

async function clientFor(
  url: string,
  authorities: readonly string[],
  { name, password, remoteAddress }: Credentials,
): Promise<ImapFlow> {
  const { ImapFlow } = await import('imapflow')
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'imaps:'
  return new ImapFlow({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (isTls ? 993 : 143)),
    secure: isTls,
    // Without this, a server that offers no TLS would get the password in clear.
    ...(isTls ? {} : { doSTARTTLS: true }),
    tls: { rejectUnauthorized: true, ca: [...authorities] },
    auth: { user: name, pass: password },
    verifyOnly: true,
    logger: false,
    emitLogs: false,
    // Dovecot counts failures for the reader's own address instead of ours, if login_trusted_networks has ours.
    clientInfo: { name: 'amavis-digest', 'x-originating-ip': remoteAddress } as Record<string, string>,
    maxLineLength: LONGEST,
    maxLiteralSize: LONGEST,
  })
}

/** In octets: what a server says to a client that only signs in and out. */
const LONGEST = 65_536

async function signInAndOut(client: ImapFlow, address: string, signal: AbortSignal): Promise<Verdict> {
  const giveUp = () => client.close()
  // After it has been closed, an error of the connection concerns nobody.
  client.on('error', () => {})
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    signal.throwIfAborted()
    await client.connect()
    return verdictOn(client, address, undefined)
  } catch (error) {
    return verdictOn(client, address, signal.aborted ? signal.reason : error)
  } finally {
    signal.removeEventListener('abort', giveUp)
    client.close()
  }
}

import { startChild } from './child.ts'
import { freePort } from './ports.ts'
import { waitUntil } from './wait.ts'

/** A DNS server that knows the domains of `.test` as far as it is told, and no others. */
export interface Dnsmasq extends AsyncDisposable {
  /** For `--dns`. */
  readonly address: string
}

export interface Records {
  /** Each a name and its text. */
  readonly texts?: readonly (readonly [name: string, text: string])[]
  /** Domains that take mail. */
  readonly mail?: readonly string[]
}

export async function startDnsmasq({ texts = [], mail = [] }: Records): Promise<Dnsmasq> {
  const port = await freePort()
  const server = startChild('/usr/sbin/dnsmasq', [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--pid-file',
    '--user=root',
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
    `--port=${port}`,
    '--local=/test/',
    ...texts.map(([name, text]) => `--txt-record=${name},${inPieces(text)}`),
    ...mail.map(domain => `--mx-host=${domain},mx.${domain},10`),
  ])
  const { Resolver } = await import('node:dns/promises')
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  const answers = () =>
    resolver.resolveMx('nothing.test').then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOTFOUND' || error.code === 'ENODATA',
    )
  await server.whileAlive(waitUntil('dnsmasq', answers))
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: server.stop }
}

/** A piece of a text has at most 255 octets; dnsmasq takes a comma for the end of one. */
const inPieces = (text: string): string => (text.match(/.{1,200}/g) ?? ['']).join(',')

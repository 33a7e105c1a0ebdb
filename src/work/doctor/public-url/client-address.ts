import { type Finding, ok, warn } from '../../../ground/health/check.ts'
import type { InstanceAnswer } from '../../../ground/links/instance.ts'

/** An address for documentation (RFC 5737), which no client has: a proxy that believes it believes anything. */
export const FORGED_CLIENT = '203.0.113.203'

export interface SeenFrom {
  /** Our own address in the connection; NAT may have changed it on the way. */
  readonly from: string | undefined
  /** Whether TLS ended before the service, which speaks none: then a proxy stands there. */
  readonly isTls: boolean
}

/** Whether the service learns the address of a client that pretends to be `FORGED_CLIENT`. */
export function clientAddressFinding(
  { client, peer, forwardedFor }: InstanceAnswer,
  { from, isTls }: SeenFrom,
): Finding {
  const isDirect = !isTls && plain(peer) === plain(from ?? null) && forwardedFor === FORGED_CLIENT
  if (client === FORGED_CLIENT)
    return warn(
      'A client can pretend to have any address: what it says in X-Forwarded-For is believed, and gets it around the limits.',
      'Let the proxy replace the header (nginx: proxy_set_header X-Forwarded-For $remote_addr;), and let http.trustProxy list proxies only.',
    )
  if (isDirect) return ok('no proxy stands before the service')
  if (forwardedFor === null || forwardedFor === FORGED_CLIENT)
    return warn(
      `The proxy at ${peer} does not tell the address of the client, so all readers share one limit, and the audit does not know who asked.`,
      'nginx: proxy_set_header X-Forwarded-For $remote_addr; Apache does it by itself.',
    )
  if (plain(client) === plain(peer))
    return warn(
      `The proxy at ${peer} tells the address of the client, but is not trusted, so all readers share one limit.`,
      `http: { trustProxy: [${plain(peer)}] }`,
    )
  return ok(`the proxy at ${peer} tells the address of the client`)
}

/** IPv4 not as IPv6. */
const plain = (address: string | null): string | null => address?.replace(/^::ffff:/i, '') ?? null

import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6, SocketAddress } from 'node:net'
import type { Express, Request } from 'express'

/** Whether the sender at this address, so many hops away, is a proxy that may say for whom it asks. */
type TrustsProxy = (address: string, hop: number) => boolean

/**
 * Makes `request.ip` the address that the last trusted proxy saw. Express takes any text of X-Forwarded-For for an
 * address, with which a client would get around the limits and fill the audit with names that it made up.
 */
export function checkClientAddresses(app: Express): void {
  const addressOf = addressesBy(app)
  Object.defineProperty(app.request, 'ip', {
    configurable: true,
    get(this: Request) {
      const value = addressOf(this)
      // Kept: once the connection is closed, its address is not known any more.
      if (value !== undefined) Object.defineProperty(this, 'ip', { value, configurable: true })
      return value
    },
  })
}

/** Finds the address of a request's client by the proxies that the application trusts. */
export const addressesBy =
  (app: Express): ((request: IncomingMessage) => string | undefined) =>
  ({ socket, headers }) =>
    clientAddress(socket.remoteAddress, headers['x-forwarded-for'], app.get('trust proxy fn') as TrustsProxy)

/**
 * Follows X-Forwarded-For from its end, as long as the sender is trusted and the entry is an address.
 *
 * @param peer the address of the connection
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | string[] | undefined,
  trusts: TrustsProxy,
): string | undefined {
  let address = peer === undefined ? undefined : plainAddress(peer)
  const entries = [forwarded ?? []].flat().join(',').split(',').toReversed()
  for (const [hop, entry] of entries.entries()) {
    if (address === undefined || !trusts(address, hop)) break
    const next = plainAddress(entry)
    if (next === undefined) break
    address = next
  }
  return address
}

/**
 * One spelling for each address, so that it has one limit and one name in the audit: without the port, the brackets and
 * the zone, IPv6 as RFC 5952 writes it, IPv4 not as IPv6. Undefined for a text that is not an address.
 */
export function plainAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '')
  if (isIP(bare) === 0) return undefined
  if (!isIPv6(bare)) return bare
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? address
}

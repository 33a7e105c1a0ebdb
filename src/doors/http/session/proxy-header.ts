import type { Request } from 'express'
import type { Logger } from 'pino'
import { networkList } from '../../../ground/network/network-list.ts'
import type { SignedIn } from '../../../ground/sign-in/people.ts'

/** Reads a header in which a reverse proxy says who has signed in there. */
export interface ProxyHeader {
  /** What it says; undefined if it says nothing, or if the request does not come from a proxy that may say it. */
  addressIn(request: Request): string | undefined
}

export interface ProxyHeaderOptions {
  readonly name: string
  /** Addresses and networks of the proxies that may set it. */
  readonly proxies: readonly string[]
}

/**
 * The header counts only if the connection itself comes from one of these proxies, and http.trustProxy has that one too.
 * Otherwise anybody could set it: it is ignored, and that is logged once.
 */
export function proxyHeader({ name, proxies }: ProxyHeaderOptions, log: Logger): ProxyHeader {
  const isListed = networkList(proxies)
  let hasWarned = false
  return {
    addressIn(request) {
      const value = request.get(name)?.trim()
      if (!value) return undefined
      const peer = request.socket.remoteAddress ?? ''
      const trusts = request.app.get('trust proxy fn') as TrustsProxy
      if (isListed(peer) && trusts(peer, 0)) return value
      if (!hasWarned) log.warn({ peer }, `${name} is ignored: it came from ${peer}, ${ADVICE}`)
      hasWarned = true
      return undefined
    },
  }
}

/** Express compiles it from `http.trustProxy`. */
type TrustsProxy = (address: string, hop: number) => boolean

const ADVICE = 'which is not both in signIn.header.proxies and in http.trustProxy'

/** Whom the proxy has signed in. What it says decides, whatever cookies the browser has. */
export type ProxyPerson<Person extends SignedIn> = { readonly person: Person | undefined } | undefined

/** @returns undefined if the proxy says nothing */
export async function personByProxy<Person extends SignedIn>(
  header: ProxyHeader | undefined,
  vouchedFor: (addresses: readonly string[]) => Promise<Person | undefined>,
  request: Request,
): Promise<ProxyPerson<Person>> {
  const address = header?.addressIn(request)
  return address === undefined ? undefined : { person: await vouchedFor([address]) }
}

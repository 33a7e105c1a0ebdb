import { Resolver } from 'node:dns/promises'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/** Asks the DNS. What it answers is written by strangers. */
export interface Dns {
  /** The TXT records of a name, each put together; none: there are none. Undefined: no answer. */
  texts(name: string): Promise<readonly string[] | undefined>
  /** Whether mail can be sent to a domain: it has MX records that are not null (RFC 7505), or addresses. Undefined: no answer. */
  takesMail(domain: string): Promise<boolean | undefined>
}

/**
 * @param server an address with an optional port; undefined: the servers of the system
 * @throws CodedError USAGE when it is no address
 */
export function createDns(server?: string): Dns {
  const resolver = new Resolver({ timeout: 2 * SECOND, tries: 2 })
  if (server !== undefined) setServer(resolver, server)
  const found = async <T>(answer: Promise<readonly T[]>): Promise<readonly T[] | undefined> => {
    try {
      return await answer
    } catch (error) {
      return NOTHING.has((error as NodeJS.ErrnoException).code ?? '') ? [] : undefined
    }
  }
  return {
    async texts(name) {
      const records = await found(resolver.resolveTxt(name))
      return records?.map(parts => parts.join('').slice(0, LONGEST))
    },
    async takesMail(domain) {
      const exchangers = await found(resolver.resolveMx(domain))
      if (exchangers === undefined) return undefined
      if (exchangers.length > 0) return exchangers.some(({ exchange }) => exchange !== '')
      const [four, six] = await Promise.all([
        found(resolver.resolve4(domain)),
        found(resolver.resolve6(domain)),
      ])
      if (four === undefined && six === undefined) return undefined
      return (four ?? []).length + (six ?? []).length > 0
    },
  }
}

function setServer(resolver: Resolver, server: string): void {
  try {
    resolver.setServers([server])
  } catch {
    throw new CodedError(
      'USAGE',
      `--dns: expected the address of a server, such as 192.0.2.53, found ${server}`,
    )
  }
}

/** The name does not exist, or has no record of this kind. */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA'])

const LONGEST = 4096

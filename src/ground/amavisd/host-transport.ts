import type { ReleaseTransport } from './transport.ts'

/**
 * Asks the amavisd that holds the message, if there are several.
 *
 * @param defaultTransport asked for every host that is not in `byHost`
 * @param byHost keyed by `$myhostname`, as amavisd writes it into `msgs.host`
 */
export function createHostTransport(
  defaultTransport: ReleaseTransport,
  byHost: ReadonlyMap<string, ReleaseTransport>,
): ReleaseTransport {
  const known = new Map([...byHost].map(([host, transport]) => [hostName(host), transport]))
  return {
    release: (request, signal, mayAsk) =>
      (known.get(hostName(request.host)) ?? defaultTransport).release(request, signal, mayAsk),
    async probe() {
      const transports = new Set([defaultTransport, ...known.values()])
      const faults = await Promise.all([...transports].map(transport => transport.probe()))
      return faults.filter(fault => fault !== undefined).join('; ') || undefined
    },
  }
}

/** Normalises a host name for comparison: `MX1.Example.com.` becomes `mx1.example.com`. */
export const hostName = (text: string): string => text.trim().toLowerCase().replace(/\.$/, '')

import type { ReleaseTransport } from './transport.ts'

/**
 * Asks the amavisd that holds the message, where there are several.
 *
 * @param standard asked for every host that has no amavisd of its own here
 * @param byHost by `$myhostname`, as amavisd writes it into `msgs.host`
 */
export function createHostTransport(
  standard: ReleaseTransport,
  byHost: ReadonlyMap<string, ReleaseTransport>,
): ReleaseTransport {
  const known = new Map([...byHost].map(([host, transport]) => [hostName(host), transport]))
  return {
    release: (request, signal, turn) =>
      (known.get(hostName(request.host)) ?? standard).release(request, signal, turn),
    async probe() {
      const faults = await Promise.all([...new Set([standard, ...known.values()])].map(one => one.probe()))
      return faults.filter(fault => fault !== undefined).join('; ') || undefined
    },
  }
}

/** The one form in which host names are compared: `MX1.Example.com.` is `mx1.example.com`. */
const hostName = (text: string): string => text.trim().toLowerCase().replace(/\.$/, '')

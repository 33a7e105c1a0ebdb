import { existsSync } from 'node:fs'
import { createAmPdpTransport } from '../ground/amavisd/am-pdp/am-pdp-transport.ts'
import { createAmavisdReleaseTransport } from '../ground/amavisd/amavisd-release/amavisd-release-transport.ts'
import { createCircuitBreakerTransport } from '../ground/amavisd/circuit-breaker-transport.ts'
import { endpointOf } from '../ground/amavisd/endpoint.ts'
import { createHostTransport, hostName } from '../ground/amavisd/host-transport.ts'
import type { ReleaseTransport } from '../ground/amavisd/transport.ts'
import type { Config } from '../ground/config/schema.ts'
import { CodedError } from '../ground/errors.ts'
import { watchReleaseTransport } from '../ground/health/watch-answers.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'

export interface ReleaseTransports {
  /** Asks the amavisd that holds a message. */
  readonly transport: ReleaseTransport
  /**
   * Why the amavisd of this `msgs.host` cannot be asked; undefined when it can.
   * @param maxAge asks it if it has not been heard from for so many milliseconds
   */
  faultAt(host: string, maxAge: number): Promise<string | undefined>
}

export interface ReleaseTransportDeps {
  /** Watches one amavisd. */
  readonly watch: (name: () => string | undefined, probe: ReleaseTransport['probe']) => WatchedPart
  /** A host besides `release.hosts` that holds mail; undefined when there is none. */
  readonly otherHost: () => Promise<string | undefined>
}

/**
 * The transport to each amavisd. Hosts with the same address share the connections and the knowledge of an outage.
 *
 * @throws CodedError CONFIG_INVALID when the command does not exist
 */
export function releaseTransportsOf(
  config: Config['release'],
  { watch, otherHost }: ReleaseTransportDeps,
): ReleaseTransports {
  const hostsAt = Map.groupBy(Object.entries(config.hosts), ([, address]) => address)
  const endpoints = new Map<string, Endpoint>()
  const at = (option: string, address: string): Endpoint => {
    const known = endpoints.get(address)
    if (known) return known
    const amavisd = amavisdAt(option, address, config)
    const names = (hostsAt.get(address) ?? []).map(([host]) => host).join(', ')
    // Only messages of hosts that are not in `hosts` need `via`. As long as there are none, it may be away.
    let other: string | undefined
    const isSpare = names === '' && hostsAt.size > 0
    const watched = watch(
      () => names || other,
      async () => {
        if (isSpare) other = shownHost(await otherHost().catch(() => other))
        return isSpare && other === undefined ? undefined : made.probe()
      },
    )
    const observed = watchReleaseTransport(amavisd, watched)
    const made: ReleaseTransport = createCircuitBreakerTransport(observed, () => performance.now())
    const endpoint = { transport: made, watched }
    endpoints.set(address, endpoint)
    return endpoint
  }
  const byHost = new Map(
    Object.entries(config.hosts).map(([host, address]) => [
      hostName(host),
      at(`release.hosts.${host}`, address),
    ]),
  )
  const via = at('release.via', config.via)
  const transports = new Map([...byHost].map(([host, { transport }]) => [host, transport]))
  return {
    transport: createHostTransport(via.transport, transports),
    faultAt: (host, maxAge) => (byHost.get(hostName(host)) ?? via).watched.fault(maxAge),
  }
}

interface Endpoint {
  readonly transport: ReleaseTransport
  readonly watched: WatchedPart
}

/** amavisd wrote the name, but nobody has checked it. */
const shownHost = (host: string | undefined): string | undefined =>
  host === undefined || /^[A-Za-z0-9_.-]{1,255}$/.test(host) ? host : 'unnamed'

function amavisdAt(
  option: string,
  address: string,
  { timeout, connections }: Config['release'],
): ReleaseTransport {
  const endpoint = endpointOf(address)
  if (endpoint.kind === 'am-pdp') return createAmPdpTransport({ via: endpoint.via, timeout, connections })
  if (!existsSync(endpoint.path)) {
    throw new CodedError('CONFIG_INVALID', `${option}: there is no command ${endpoint.path}.`)
  }
  return createAmavisdReleaseTransport({
    command: endpoint.path,
    timeout,
    connections,
    clock: () => performance.now(),
  })
}

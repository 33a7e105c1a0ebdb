import { existsSync } from 'node:fs'
import { createAmPdpTransport } from '../ground/amavisd/am-pdp/am-pdp-transport.ts'
import { createAmavisdReleaseTransport } from '../ground/amavisd/amavisd-release/amavisd-release-transport.ts'
import { createCircuitBreakerTransport } from '../ground/amavisd/circuit-breaker-transport.ts'
import { createHostTransport } from '../ground/amavisd/host-transport.ts'
import type { ReleaseTransport } from '../ground/amavisd/transport.ts'
import type { Config } from '../ground/config/schema.ts'
import { CodedError } from '../ground/errors.ts'
import { watchReleaseTransport } from '../ground/health/watch-answers.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'

/**
 * The transport to each amavisd. Hosts with the same address share the connections and the knowledge of an outage.
 *
 * @throws CodedError CONFIG_INVALID when the command does not exist
 */
export function releaseTransportOf(
  config: Config['release'],
  watch: (probe: ReleaseTransport['probe']) => WatchedPart,
): ReleaseTransport {
  const endpoints = new Map<string, ReleaseTransport>()
  const at = (option: string, address: string): ReleaseTransport => {
    const known = endpoints.get(address)
    if (known) return known
    const amavisd = amavisdAt(option, address, config)
    const watched = watch(() => made.probe())
    const observed = watchReleaseTransport(amavisd, watched)
    const made: ReleaseTransport = createCircuitBreakerTransport(observed, () => performance.now())
    endpoints.set(address, made)
    return made
  }
  const hosts = Object.entries(config.hosts).map(
    ([host, address]) => [host, at(`release.hosts.${host}`, address)] as const,
  )
  return createHostTransport(at('release.via', config.via), new Map(hosts))
}

function amavisdAt(
  option: string,
  address: string,
  { timeout, connections }: Config['release'],
): ReleaseTransport {
  const url = new URL(address)
  const path = decodeURIComponent(url.pathname)
  switch (url.protocol) {
    case 'exec:':
      if (!existsSync(path)) {
        throw new CodedError('CONFIG_INVALID', `${option}: there is no command ${path}.`)
      }
      return createAmavisdReleaseTransport({ command: path, timeout, connections })
    case 'unix:':
      return createAmPdpTransport({ via: { path }, timeout, connections })
    default: {
      const host = url.hostname.replace(/^\[|\]$/g, '')
      return createAmPdpTransport({ via: { host, port: Number(url.port || 9998) }, timeout, connections })
    }
  }
}

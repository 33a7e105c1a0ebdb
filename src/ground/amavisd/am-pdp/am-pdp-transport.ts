import { gatedRelease } from '../gated-release.ts'
import type { ReleaseTransport } from '../transport.ts'
import { askAmPdp } from './ask-am-pdp.ts'
import type { AmPdpAddress } from './exchange.ts'
import { probeAmPdp } from './probe.ts'

export interface AmPdpOptions {
  readonly via: AmPdpAddress
  /** How long to wait for amavisd's answer, in milliseconds: amavisd itself waits for the next MTA. */
  readonly timeout: number
  /** How many requests may run at once: each occupies one of amavisd's child processes ($max_servers). */
  readonly connections: number
}

/**
 * Asks amavisd through its own protocol, AM.PDP. Each request has its own connection, because an idle one would occupy
 * a child process of amavisd.
 */
export const createAmPdpTransport = ({ via, timeout, connections }: AmPdpOptions): ReleaseTransport => ({
  release: gatedRelease(connections, (request, signal) =>
    askAmPdp(via, 'release', request, { timeout, signal }),
  ),
  probe: () => probeAmPdp(via, timeout),
})

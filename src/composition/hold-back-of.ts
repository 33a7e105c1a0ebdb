import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import { createHoldBack, type HoldBack } from '../work/digest/send/hold-back.ts'
import type { ReleaseTransports } from './release-transports-of.ts'

export interface HoldBackParts {
  readonly servers: Pick<ReleaseTransports, 'faultAt'>
  readonly log: Logger
}

/** Holds back digests while the amavisd that holds their messages cannot be asked. */
export function holdBackOf(config: Config, { servers, log }: HoldBackParts): HoldBack {
  const isOnlyOne = Object.keys(config.release.hosts).length === 0
  return createHoldBack({
    // All messages are released through `via` then, whatever their host.
    faultAt: (host, maxAge) => servers.faultAt(isOnlyOne ? '' : host, maxAge),
    withoutRelease: config.delivery.withoutRelease,
    clock: () => performance.now(),
    log,
  })
}

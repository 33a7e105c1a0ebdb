import type { Logger } from 'pino'
import { otherHostFinder } from '../ground/amavis/hosts.ts'
import { retentionOf } from '../ground/amavis/retention.ts'
import { hostName } from '../ground/amavisd/host-transport.ts'
import { brandName } from '../ground/brand/brand.ts'
import { once } from '../ground/concurrency/once.ts'
import type { Config } from '../ground/config/schema.ts'
import { watchMailer } from '../ground/health/watch-answers.ts'
import { createWatchedPart, type WatchedPart, type WatchedPartDeps } from '../ground/health/watched-part.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import { createSmtpMailer } from '../ground/mail/smtp.ts'
import type { PoolFigures } from '../ground/mail/smtp-pool.ts'
import { heldMailFilter } from '../work/collect/held-mail-filter.ts'
import type { Databases } from './databases-of.ts'
import { type ReleaseTransports, releaseTransportsOf } from './release-transports-of.ts'

/** The servers that the program uses, besides its databases. */
export interface Servers extends ReleaseTransports {
  readonly mailer: () => Mailer
  readonly smtpConnections: () => PoolFigures
  /** The health of each server. */
  readonly watched: readonly WatchedPart[]
}

export interface ServersDeps extends Pick<Databases, 'storage'> {
  readonly clock: () => number
  readonly log: Logger
}

/** @throws CodedError CONFIG_INVALID when the release command does not exist */
export function serversOf(
  config: Config,
  { storage, clock, log }: ServersDeps,
  stack: AsyncDisposableStack,
): Servers {
  const watch = (what: Pick<WatchedPartDeps, 'part' | 'host' | 'code' | 'probe'>) =>
    createWatchedPart({ ...what, every: config.health.every, clock: () => performance.now(), log })
  const smtp = watch({ part: 'smtp', code: 'SMTP_UNREACHABLE', probe: () => mailer().probe() })
  const connections = config.delivery.connections
  const warnOfFewer = (allowed: number, reply: string) =>
    log.warn({ allowed, connections, reply }, FEWER_CONNECTIONS)
  const smtpSettings = { ...config.smtp, brandName: brandName(config.brand.name) }
  const smtpMailer = once(() => stack.use(createSmtpMailer(smtpSettings, connections, warnOfFewer)))
  const mailer = once(() => watchMailer(smtpMailer(), smtp))
  const watched = [smtp]
  const transports = releaseTransportsOf(config.release, {
    watch: (host, probe) => {
      const amavisd = watch({ part: 'amavisd', host, code: 'AMAVISD_UNREACHABLE', probe })
      watched.push(amavisd)
      return amavisd
    },
    otherHost: otherHostFinder({
      storage: storage.sql,
      filter: heldMailFilter(config),
      hosts: Object.keys(config.release.hosts).map(hostName),
      retention: retentionOf(config.purge.olderThan, config.purge.kinds).longest,
      clock,
    }),
  })
  return { mailer, smtpConnections: () => smtpMailer().connections(), ...transports, watched }
}

const FEWER_CONNECTIONS =
  'the SMTP server allows fewer connections than delivery.connections; those that it allows are used'

import type { Logger } from 'pino'
import type { ReleaseTransport } from '../ground/amavisd/transport.ts'
import { once } from '../ground/concurrency/once.ts'
import type { Config } from '../ground/config/schema.ts'
import type { ErrorCode } from '../ground/errors.ts'
import { watchMailer } from '../ground/health/watch-answers.ts'
import { createWatchedPart, type PartFault, type WatchedPart } from '../ground/health/watched-part.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import { createSmtpMailer } from '../ground/mail/smtp.ts'
import type { PoolFigures } from '../ground/mail/smtp-pool.ts'
import { releaseTransportOf } from './release-transport-of.ts'

/** The servers that the program uses, besides its databases. */
export interface Servers {
  readonly mailer: () => Mailer
  readonly smtpConnections: () => PoolFigures
  /** The transport to amavisd. */
  readonly transport: ReleaseTransport
  /** The health of each server. */
  readonly watched: readonly WatchedPart[]
}

/** @throws CodedError CONFIG_INVALID when the release command does not exist */
export function serversOf(config: Config, log: Logger, stack: AsyncDisposableStack): Servers {
  const watch = (part: string, code: ErrorCode, probe: () => Promise<PartFault | string | undefined>) =>
    createWatchedPart({ part, code, probe, every: config.health.every, clock: () => performance.now(), log })
  const smtp = watch('smtp', 'SMTP_UNREACHABLE', () => mailer().probe())
  const connections = config.delivery.connections
  const warnOfFewer = (allowed: number, reply: string) =>
    log.warn({ allowed, connections, reply }, FEWER_CONNECTIONS)
  const smtpMailer = once(() => stack.use(createSmtpMailer(config.smtp, connections, warnOfFewer)))
  const mailer = once(() => watchMailer(smtpMailer(), smtp))
  const watched = [smtp]
  const transport = releaseTransportOf(config.release, probe => {
    const amavisd = watch('amavisd', 'AMAVISD_UNREACHABLE', probe)
    watched.push(amavisd)
    return amavisd
  })
  return { mailer, smtpConnections: () => smtpMailer().connections(), transport, watched }
}

const FEWER_CONNECTIONS =
  'the SMTP server allows fewer connections than delivery.connections; those that it allows are used'

import { findAmavisdRoutes, storesInto } from '../ground/config/amavis/routes.ts'
import type { Config } from '../ground/config/schema.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { MINUTE } from '../ground/durations.ts'
import { CodedError } from '../ground/errors.ts'
import { openMailbox } from '../ground/mail/mailbox.ts'
import { senderAddress } from '../ground/mail/smtp.ts'
import { submit } from '../ground/mail/submit.ts'
import { trustedAuthorities } from '../ground/network/authorities.ts'
import type { RunDeps } from '../work/digest/make/run.ts'
import type { DeliverDeps } from '../work/digest/send/deliver.ts'
import { type Examined, type LookWhere, runChecks } from '../work/doctor/run-checks.ts'
import { sendTestCheck } from '../work/doctor/send-test/send-test.ts'
import type { ReleaseDeps } from '../work/release/release-message.ts'
import type { Standards } from '../work/settings/standards.ts'

export interface SendTestParts {
  readonly makeDeps: Pick<RunDeps, 'storage' | 'filter'>
  readonly sendDeps: () => DeliverDeps
  readonly releaseDeps: ReleaseDeps
  readonly directory: Directory
  readonly standard: Standards
  readonly clock: () => number
}

/**
 * Sends a test mail and follows it.
 *
 * @param through where the filter takes mail; undefined: as amavisd's configuration says
 * @throws CodedError USAGE when `through` is no smtp:// URL
 */
export async function sendTestOf(
  config: Config,
  { makeDeps, sendDeps, releaseDeps, directory, standard, clock }: SendTestParts,
  { address, through, where }: { address: string; through: string | undefined; where: LookWhere },
): Promise<readonly Examined[]> {
  const routes = findAmavisdRoutes(where.amavisConf)
  const url = through ?? `smtp://127.0.0.1:${routes?.mailPorts[0] ?? STANDARD_PORT}`
  if (!URL.canParse(url) || !/^smtp:\/\/[^/]+\/?$/.test(url))
    throw new CodedError('USAGE', `--through: expected a URL such as smtp://127.0.0.1:10024, found ${url}`)
  const { mailbox, caFile } = config.doctor
  const authorities = trustedAuthorities(caFile, 'doctor.caFile')
  const check = sendTestCheck(
    {
      storage: makeDeps.storage,
      filter: makeDeps.filter,
      directory,
      standard,
      delivery: sendDeps,
      releases: releaseDeps,
      clock,
      sender: senderAddress(config.smtp),
      submit: mail => submit(url, mail),
      through: `${url}, ${through === undefined ? `as ${routes?.path ?? 'amavisd by itself'} has it` : 'as --through says'}`,
      ...(mailbox !== undefined && { openMailbox: () => openMailbox(mailbox, authorities()) }),
      otherDatabase: otherDatabase(config.storage.url, routes?.storageUrl),
    },
    address,
  )
  return runChecks([{ title: 'A test mail', checks: [check] }], { limit: LONGEST })
}

/** The default of amavisd's $inet_socket_port in its packages. */
const STANDARD_PORT = '10024'

/** Each step has a limit of its own, and together they are shorter. */
const LONGEST = 10 * MINUTE

function otherDatabase(ours: string, amavisd: string | undefined): string | undefined {
  if (amavisd === undefined || !URL.canParse(amavisd) || storesInto(amavisd, ours)) return undefined
  const nameIn = (url: string) => new URL(url).pathname
  return `its configuration stores into the database ${nameIn(amavisd)}, while storage.url reads ${nameIn(ours)}.`
}

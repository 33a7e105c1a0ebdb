import type { Logger } from 'pino'
import type { Database } from '../../../ground/database/database.ts'
import { HOUR, SECOND } from '../../../ground/durations.ts'
import type { SendAnswer } from '../../../ground/mail/mailer.ts'
import type { DeliveryOutcome, Meter } from '../../../ground/metrics/meter.ts'
import { backOff } from '../../../ground/retry/back-off.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { publishStep } from '../../../ground/steps.ts'
import type { MailsAtOnce } from './mails-at-once.ts'
import { endResend, failDigest, type LeasedDigest, type OwnedDigest, postponeDigest } from './outbox.ts'

export interface RecordDeps {
  readonly state: Database<StateTables>
  /** The name of this process in leases. */
  readonly owner: string
  /** For how long sending a digest is retried, in milliseconds. */
  readonly giveUpDigestsAfter: number
  readonly clock: () => number
  /** For jitter: from 0 to 1. */
  readonly random: () => number
  readonly mailsAtOnce: MailsAtOnce
  readonly meter: Meter
  readonly log: Logger
}

export type Recorded = 'sent' | 'failed' | 'unreachable' | 'not begun'

/** Records what the SMTP server has answered, and reports it. */
export async function recordAnswer(
  deps: RecordDeps,
  digest: LeasedDigest,
  answer: SendAnswer,
): Promise<Recorded> {
  const about = { digest: digest.digestId, reader: digest.reader, reply: answer.reply }
  switch (answer.outcome) {
    case 'accepted':
      publishStep('digest-accepted')
      await deps.mailsAtOnce.recordSent({ ...digest, reply: answer.reply })
      publishStep('digest-recorded')
      reportDelivery(deps, digest, 'sent')
      deps.log.info(about, 'digest sent')
      return 'sent'
    case 'refused':
    case 'too-large':
      reportDelivery(deps, digest, 'refused')
      await fail(deps, digest, answer.reply)
      deps.log.error(about, 'digest refused by the SMTP server')
      return 'failed'
    case 'deferred':
      reportDelivery(deps, digest, 'deferred')
      await putOff(deps, digest, answer)
      deps.log.warn(about, 'digest put off')
      return 'failed'
    case 'unreachable':
      reportDelivery(deps, digest, 'unreachable')
      await putOff(deps, digest, answer)
      deps.log.error({ ...about, code: answer.code }, 'the SMTP server cannot be used')
      return 'unreachable'
    case 'withdrawn':
      return 'not begun'
  }
}

export function reportDelivery(deps: RecordDeps, digest: LeasedDigest, outcome: DeliveryOutcome): void {
  const now = deps.clock()
  deps.meter.delivered(outcome, (now - dueAt(digest, now)) / SECOND)
}

/** When the mail was to be sent, or now if somebody has made it due earlier. */
export const dueAt = ({ sendAt }: LeasedDigest, now: number): number => Math.min(sendAt, now)

async function fail(deps: RecordDeps, digest: LeasedDigest, reply: string): Promise<void> {
  const owned = ownedBy(deps, digest)
  if (digest.resent > 0) await endResend(deps.state, owned, reply)
  else await failDigest(deps.state, owned, { reply, now: deps.clock() })
}

async function putOff(
  deps: RecordDeps,
  digest: LeasedDigest,
  { reply, mayHaveArrived = false }: Extract<SendAnswer, { outcome: 'deferred' | 'unreachable' }>,
): Promise<void> {
  const now = deps.clock()
  if (now - digest.sendAt >= deps.giveUpDigestsAfter) {
    await fail(deps, digest, reply)
    reportDelivery(deps, digest, 'given-up')
    deps.log.error({ digest: digest.digestId, reader: digest.reader, reply }, 'digest given up')
    return
  }
  const nextAttemptAt = now + backOff(digest.attempts + 1, FIRST_RETRY, LONGEST_RETRY, deps.random)
  await postponeDigest(deps.state, ownedBy(deps, digest), { nextAttemptAt, reply, mayHaveArrived })
}

export const ownedBy = (deps: Pick<RecordDeps, 'owner'>, digest: LeasedDigest): OwnedDigest => ({
  digestId: digest.digestId,
  owner: deps.owner,
  resent: digest.resent,
})

const FIRST_RETRY = 30 * SECOND
const LONGEST_RETRY = HOUR

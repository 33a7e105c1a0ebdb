import type { Mailer, SendAnswer } from '../../../ground/mail/mailer.ts'
import { publishStep } from '../../../ground/steps.ts'
import { type Candidate, isListable, isUndecided, type ListingRules } from '../make/candidates.ts'
import { type DigestMailDeps, mailOf, smaller, WHOLE } from './digest-mail.ts'
import type { DigestToSend } from './digests-to-send.ts'
import { type HoldBack, lookAgainAt } from './hold-back.ts'
import {
  endResend,
  finishDigest,
  freeItems,
  holdBackDigest,
  type LeasedDigest,
  returnDigests,
  withholdDigest,
} from './outbox.ts'
import { ownedBy, type RecordDeps, type Recorded, recordAnswer, reportDelivery } from './record-answer.ts'
import { NOT_RENDERED } from './unrendered.ts'

export interface DeliverOneDeps extends DigestMailDeps, RecordDeps, ListingRules {
  readonly mailer: Mailer
  readonly holdBack: HoldBack
}

/** What became of a digest. */
export type Answer = Recorded | 'empty' | 'held back'

export interface Sending {
  /** Whether the digest is still ours, asked when a connection is free. */
  readonly mayGo: () => boolean
  /** As in `DeliverRequest`. */
  readonly patience: number | undefined
}

/** Sends one digest, unless there is a reason not to, and records what became of it. */
export async function deliverOne(
  deps: DeliverOneDeps,
  digestToSend: DigestToSend,
  { mayGo, patience }: Sending,
): Promise<Answer> {
  const { digest, candidates, moved, unwanted } = digestToSend
  const now = deps.clock()
  const listable = candidates.filter(candidate => isListable(candidate, deps, now))
  // A resent digest keeps its messages: they were listed in it when it was first sent. A copy has none of its own.
  if (digest.resent === 0 && digest.copyOf === undefined) {
    await freeItems(
      deps.state,
      digest.digestId,
      [...candidates.filter(isUndecided), ...moved].map(({ item }) => item.itemId),
    )
  }
  if (unwanted === undefined && digestToSend.mustWait !== undefined)
    return waitForAnswer(deps, digest, digestToSend.mustWait)
  const why = unwanted ?? whyEmpty(digest, listable)
  if (why !== undefined) {
    if (!(await endUnsent(deps, digestToSend, why, now))) return 'passed over'
    reportDelivery(deps, digest, 'empty')
    return 'empty'
  }
  const mustWait = await deps.holdBack.reasonFor(
    listable.map(({ item }) => item),
    patience,
  )
  if (mustWait !== undefined) {
    const nextAttemptAt = lookAgainAt(digest.sendAt, deps.clock())
    await holdBackDigest(deps.state, ownedBy(deps, digest), { nextAttemptAt, reply: mustWait })
    return 'held back'
  }
  if (digest.attempts > 0) deps.meter.retried('digest')
  const answer = await send(deps, digestToSend, listable, now, mayGo)
  return recordAnswer(deps, digest, answer)
}

/** Nobody knows now whether its reader may get it: a wrong reader must not. */
async function waitForAnswer(deps: DeliverOneDeps, digest: LeasedDigest, reply: string): Promise<Answer> {
  const nextAttemptAt = lookAgainAt(digest.sendAt, deps.clock())
  await holdBackDigest(deps.state, ownedBy(deps, digest), { nextAttemptAt, reply })
  reportDelivery(deps, digest, 'deferred')
  deps.log.warn({ digest: digest.digestId, reader: digest.reader, reply }, 'digest put off')
  return 'failed'
}

function whyEmpty({ itemCount }: LeasedDigest, listable: readonly Candidate[]): string | undefined {
  if (itemCount === 0 || listable.length > 0) return undefined
  return 'every message was released or left the quarantine before the digest could be sent'
}

/** @returns false when somebody has asked for the digest meanwhile: it is given back */
async function endUnsent(
  deps: DeliverOneDeps,
  { digest, unwanted }: DigestToSend,
  reply: string,
  now: number,
): Promise<boolean> {
  const owned = ownedBy(deps, digest)
  if (digest.resent > 0) await endResend(deps.state, owned, reply)
  else if (unwanted === undefined) await finishDigest(deps.state, owned, { state: 'empty', reply, now })
  else if (
    !(await withholdDigest(deps.state, { ...owned, onlyIfSendAnyway: digest.sendAnyway }, { reply, now }))
  ) {
    await returnDigests(deps.state, deps.owner, [digest.digestId])
    return false
  }
  return true
}

/**
 * A digest that is too large for the server lists fewer messages and is tried again: the others are on the page that it
 * links to. One that cannot be rendered is put off, so that it does not hold up the others.
 */
async function send(
  deps: DeliverOneDeps,
  digestToSend: DigestToSend,
  listable: readonly Candidate[],
  now: number,
  mayGo: () => boolean,
): Promise<SendAnswer> {
  const about = { digest: digestToSend.digest.digestId, reader: digestToSend.digest.reader }
  try {
    for (let fit = WHOLE; ; ) {
      const { mail, listed } = await mailOf(deps, digestToSend, listable, now, fit)
      publishStep('digest-rendered')
      const answer = await deps.mailer.send(mail, mayGo)
      if (answer.outcome !== 'too-large' || !fit.hasHistory) return answer
      deps.log.warn(
        { ...about, listed, reply: answer.reply },
        'digest too large for the SMTP server: it lists less',
      )
      fit = smaller(listed)
    }
  } catch (error) {
    deps.log.error({ err: error, ...about }, 'digest could not be rendered')
    return {
      outcome: 'deferred',
      reply: `${NOT_RENDERED}: ${error instanceof Error ? error.message : error}`,
    }
  }
}

import type { Mailer, SendAnswer } from '../../../ground/mail/mailer.ts'
import { publishStep } from '../../../ground/steps.ts'
import { type Candidate, isListable, isUndecided, type ListingRules } from '../make/candidates.ts'
import { type DigestMailDeps, type Fit, mailOf, smaller, WHOLE } from './digest-mail.ts'
import type { DigestToSend } from './digests-to-send.ts'
import { type HoldBack, lookAgainAt } from './hold-back.ts'
import {
  emptyDigest,
  endResend,
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
export type Answer = Recorded | 'empty' | 'held back' | 'passed over'

export interface Sending {
  /** Called when there is a place for its mail. @returns whether it may still be sent */
  readonly begin: () => boolean
  /** Whether the digest is still ours, asked when a connection is free. */
  readonly mayGo: () => boolean
  /** Called when the server is found to be away. One attempt has shown it, so the others need not be made. */
  readonly stop: () => void
  /** As in `DeliverRequest`. */
  readonly patience: number | undefined
}

/** A digest, as far as it has been decided what its mail shows. */
interface Draft {
  readonly digestToSend: DigestToSend
  readonly listable: readonly Candidate[]
  readonly now: number
}

/**
 * Sends one digest, unless there is a reason not to, and records what became of it. The mail is rendered before it
 * takes a place among the mails at once.
 */
export async function deliverOne(
  deps: DeliverOneDeps,
  digestToSend: DigestToSend,
  sending: Sending,
): Promise<Answer> {
  const { digest } = digestToSend
  const draft = draftOf(deps, digestToSend)
  await freeUnlisted(deps, digestToSend)
  const unsent = await leaveUnsent(deps, draft, sending.patience)
  if (unsent) return unsent
  const rendered = await render(deps, draft, WHOLE)
  return deps.mailsAtOnce.run(async () => {
    if (!sending.begin()) return 'not begun'
    if (digest.attempts > 0) deps.meter.retried('digest')
    const answer = await handOver(deps, draft, rendered, sending.mayGo)
    if (answer.outcome === 'unreachable') sending.stop()
    return recordAnswer(deps, digest, answer)
  })
}

function draftOf(deps: DeliverOneDeps, digestToSend: DigestToSend): Draft {
  const now = deps.clock()
  const listable = digestToSend.candidates.filter(candidate => isListable(candidate, deps, now))
  return { digestToSend, listable, now }
}

/** A resent digest keeps its messages: they were listed in it when it was first sent. A copy has none of its own. */
async function freeUnlisted(
  { state }: DeliverOneDeps,
  { digest, candidates, moved }: DigestToSend,
): Promise<void> {
  if (digest.resent > 0 || digest.copyOf !== undefined) return
  const unlisted = [...candidates.filter(isUndecided), ...moved]
  if (unlisted.length === 0) return
  await freeItems(
    state,
    digest.digestId,
    unlisted.map(({ item }) => item.itemId),
  )
}

/** @returns undefined when nothing speaks against sending it */
async function leaveUnsent(
  deps: DeliverOneDeps,
  { digestToSend, listable, now }: Draft,
  patience: number | undefined,
): Promise<Answer | undefined> {
  const { digest, unwanted, mustWait } = digestToSend
  if (unwanted === undefined && mustWait !== undefined) return waitForAnswer(deps, digest, mustWait)
  const why = unwanted ?? whyEmpty(digest, listable)
  if (why !== undefined) {
    if (!(await endUnsent(deps, digestToSend, why, now))) return 'passed over'
    reportDelivery(deps, digest, 'empty')
    return 'empty'
  }
  const hosts = new Set(listable.flatMap(({ mail }) => (mail ? [mail.host] : [])))
  const fault = await deps.holdBack.reasonFor([...hosts], patience)
  if (fault === undefined) return undefined
  const nextAttemptAt = lookAgainAt(digest.sendAt, deps.clock())
  await holdBackDigest(deps.state, ownedBy(deps, digest), { nextAttemptAt, reply: fault })
  return 'held back'
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
  else if (unwanted === undefined) await emptyDigest(deps.state, owned, { reply, now })
  else if (
    !(await withholdDigest(deps.state, { ...owned, onlyIfSendAnyway: digest.sendAnyway }, { reply, now }))
  ) {
    await returnDigests(deps.state, deps.owner, [digest.digestId])
    return false
  }
  return true
}

type Rendered = Awaited<ReturnType<typeof mailOf>> | Extract<SendAnswer, { outcome: 'deferred' }>

/** One that cannot be rendered is put off, so that it does not hold up the others. */
async function render(
  deps: DeliverOneDeps,
  { digestToSend, listable, now }: Draft,
  fit: Fit,
): Promise<Rendered> {
  try {
    const rendered = await mailOf(deps, digestToSend, listable, now, fit)
    publishStep('digest-rendered')
    return rendered
  } catch (error) {
    const { digestId, reader } = digestToSend.digest
    deps.log.error({ err: error, digest: digestId, reader }, 'digest could not be rendered')
    const reply = `${NOT_RENDERED}: ${error instanceof Error ? error.message : error}`
    return { outcome: 'deferred', reply }
  }
}

/**
 * A digest that is too large for the server lists fewer messages and is tried again: the others are on the page that it
 * links to.
 */
async function handOver(
  deps: DeliverOneDeps,
  draft: Draft,
  whole: Rendered,
  mayGo: () => boolean,
): Promise<SendAnswer> {
  const { digestId, reader } = draft.digestToSend.digest
  for (let rendered = whole, fit = WHOLE; ; rendered = await render(deps, draft, fit)) {
    if ('outcome' in rendered) return rendered
    const { mail, listed } = rendered
    const answer = await deps.mailer.send(mail, mayGo)
    if (answer.outcome !== 'too-large' || !fit.hasHistory) return answer
    deps.log.warn(
      { digest: digestId, reader, listed, reply: answer.reply },
      'digest too large for the SMTP server: it lists less',
    )
    fit = smaller(listed)
  }
}

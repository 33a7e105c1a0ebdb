import type { Gate } from '../../../ground/concurrency/gate.ts'
import { inParallel } from '../../../ground/concurrency/in-parallel.ts'
import { HOUR, SECOND } from '../../../ground/durations.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { InlineImage, Mailer, OutgoingMail, SendAnswer } from '../../../ground/mail/mailer.ts'
import { messageIdOf } from '../../../ground/mail/message-id.ts'
import type { SmtpOutage } from '../../../ground/mail/smtp-outage.ts'
import type { DeliveryOutcome, Meter } from '../../../ground/metrics/meter.ts'
import { backOff } from '../../../ground/retry/back-off.ts'
import { keepTrying } from '../../../ground/retry/keep-trying.ts'
import { publishStep } from '../../../ground/steps.ts'
import type { DigestTemplate } from '../../../ground/templates/digest-template.ts'
import { type Candidate, isListable, isUndecided } from '../make/candidates.ts'
import { type RenderLimits, renderDigest } from '../show/render.ts'
import { type ViewDeps, viewOf } from '../show/view-of.ts'
import {
  type DigestSelection,
  type DigestToSend,
  digestsToSend,
  keepLeases,
  type LeaseDeps,
  returnUntouched,
} from './digests-to-send.ts'
import { type HoldBack, lookAgainAt } from './hold-back.ts'
import { LeasedDigests } from './leased-digests.ts'
import {
  endResend,
  failDigest,
  finishDigest,
  freeItems,
  holdBackDigest,
  type LeasedDigest,
  type OwnedDigest,
  postponeDigest,
  returnDigests,
  withholdDigest,
} from './outbox.ts'
import { NOT_RENDERED } from './unrendered.ts'

export interface DeliverDeps extends ViewDeps, LeaseDeps {
  readonly mailer: Mailer
  readonly template: () => Promise<DigestTemplate>
  readonly locales: Locales
  readonly limits: RenderLimits
  /** What the brand's logo is in a mail; undefined if it has none. */
  readonly image: InlineImage | undefined
  /** The domain of the Message-ID. */
  readonly domain: string
  readonly connections: number
  /**
   * Lets as many mails through as there are connections, for all batches of this process together. If the process is
   * killed, at most so many mails have been accepted by the server and not been recorded.
   */
  readonly mailsAtOnce: Gate
  /** For how long sending a digest is retried, in milliseconds. */
  readonly giveUpDigestsAfter: number
  readonly outage: SmtpOutage
  readonly holdBack: HoldBack
  readonly meter: Meter
  /** For jitter: from 0 to 1. */
  readonly random: () => number
}

export interface DeliverRequest extends DigestSelection {
  readonly signal?: AbortSignal | undefined
  /** Called once for each digest and each copy that was attempted. */
  readonly onAttempt?: ((digestId: string, isCopy: boolean, wasSent: boolean) => void) | undefined
  /** For how many milliseconds to wait for an amavisd that cannot be asked, before digests are held back. */
  readonly patience?: number | undefined
}

/** How many digests. Copies of them are counted apart. */
export interface Delivered {
  readonly sent: number
  /** Refused, given up or put off. */
  readonly failed: number
  /** Left for later, because amavisd cannot be asked to release and their links would do nothing. */
  readonly heldBack: number
  /** What became of copies: how many were sent, and how many were refused, given up or put off. */
  readonly copies: { readonly sent: number; readonly failed: number }
  /** Whether the SMTP server was away; the remaining digests are still due then. */
  readonly outage: boolean
  /** Left alone, because this process stood still and may have lost the lease, or because somebody asked meanwhile. */
  readonly passedOver: number
}

/**
 * Sends the digests that are due, whichever process compiled them. Each is rendered from its row and its items, sent
 * under the Message-ID of its row, and recorded. Once the SMTP server is found to be away, delivery stops. The digests
 * that were not attempted stay due until the server is back.
 */
export async function deliver(deps: DeliverDeps, request: DeliverRequest): Promise<Delivered> {
  const tally = { sent: 0, failed: 0, heldBack: 0, passedOver: 0 }
  const copies = { sent: 0, failed: 0 }
  if (!(await deps.outage.isOver())) return { ...tally, copies, outage: true }
  const leased = new LeasedDigests(deps.lease)
  const outage = new AbortController()
  const stop = AbortSignal.any([outage.signal, ...(request.signal ? [request.signal] : [])])
  const toSend = digestsToSend(deps, request, leased)
  const heartbeat = keepLeases(deps, leased)
  try {
    await inParallel(
      toSend,
      deps.connections,
      async digestToSend => {
        const { digest } = digestToSend
        const answer = await deps.mailsAtOnce.run(async () => {
          if (!leased.begin(digest, deps.clock())) return 'passed over'
          const mayGo = () => leased.isHeld(digest, deps.clock())
          const answer = await deliverOne(deps, digestToSend, { mayGo, patience: request.patience })
          leased.end(digest)
          return answer
        })
        if (answer === 'passed over') {
          tally.passedOver += 1
          return
        }
        const isCopy = digest.copyOf !== undefined
        const counts = isCopy ? copies : tally
        if (answer === 'sent') counts.sent += 1
        if (answer === 'held back' && !isCopy) tally.heldBack += 1
        if (answer === 'failed' || answer === 'unreachable') counts.failed += 1
        request.onAttempt?.(digest.digestId, isCopy, answer === 'sent')
        if (answer !== 'unreachable') return
        // One attempt has shown that the server is away, so the others need not be made.
        deps.outage.began()
        outage.abort()
      },
      stop,
    )
  } finally {
    await toSend.return(undefined)
    await heartbeat[Symbol.asyncDispose]()
    await returnUntouched(deps, leased.notBegun())
  }
  return { ...tally, copies, outage: outage.signal.aborted }
}

const FIRST_RETRY = 30 * SECOND
const LONGEST_RETRY = HOUR

type Answer = 'sent' | 'empty' | 'held back' | 'passed over' | 'failed' | 'unreachable'

interface Sending {
  /** Whether the digest is still ours, asked when a connection is free. */
  readonly mayGo: () => boolean
  /** As in `DeliverRequest`. */
  readonly patience: number | undefined
}

async function deliverOne(
  deps: DeliverDeps,
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
  return record(deps, digest, answer)
}

/** Nobody knows now whether its reader may get it: a wrong reader must not. */
async function waitForAnswer(deps: DeliverDeps, digest: LeasedDigest, reply: string): Promise<Answer> {
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
  deps: DeliverDeps,
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
  deps: DeliverDeps,
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

/** How much of a digest is rendered. */
interface Fit {
  readonly maxRows: number
  /** Whether it tells what still waits and what became of releases. */
  readonly hasHistory: boolean
}

const WHOLE: Fit = { maxRows: Number.POSITIVE_INFINITY, hasHistory: true }

/** Half of the messages; without any of them, also without what else it tells. */
const smaller = (listed: number): Fit => ({ maxRows: Math.floor(listed / 2), hasHistory: listed > 0 })

async function mailOf(
  deps: DeliverDeps,
  { digest, phrase, history, mayPause }: DigestToSend,
  listable: readonly Candidate[],
  now: number,
  fit: Fit,
): Promise<{ readonly mail: OutgoingMail; readonly listed: number }> {
  const limits = { ...deps.limits, maxRows: Math.min(deps.limits.maxRows, fit.maxRows) }
  const told = fit.hasHistory ? history : { ...history, waiting: [], news: [] }
  const { copyOf, deliverTo } = digest
  const copy = copyOf === undefined ? undefined : { of: copyOf, for: deliverTo }
  const view = viewOf(deps, { ...digest, phrase, copy }, listable, limits.maxRows, now, told)
  const words = deps.locales.wordsFor(digest.language)
  const rendered = renderDigest(await deps.template(), words, view, limits)
  const mail = {
    to: deliverTo,
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    image: deps.image,
    messageId: messageIdOf(digest.digestId, deps.domain, digest.resent),
    date: dueAt(digest, now),
    language: words.language,
    preferencesUrl: view.links.preferences,
    mayUnsubscribe: mayPause,
  }
  return { mail, listed: rendered.listed }
}

async function record(
  deps: DeliverDeps,
  digest: LeasedDigest,
  answer: SendAnswer,
): Promise<Exclude<Answer, 'empty'>> {
  const now = deps.clock()
  const about = { digest: digest.digestId, reader: digest.reader, reply: answer.reply }
  switch (answer.outcome) {
    case 'accepted':
      publishStep('digest-accepted')
      // Without this record the mail would be sent again.
      await keepTrying(
        () => finishDigest(deps.state, ownedBy(deps, digest), { state: 'sent', reply: answer.reply, now }),
        error => deps.works.failed('recording', 'sent digest', error),
      )
      deps.works.succeeded('recording', 'sent digest')
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
      return 'passed over'
  }
}

function reportDelivery(deps: DeliverDeps, digest: LeasedDigest, outcome: DeliveryOutcome): void {
  const now = deps.clock()
  deps.meter.delivered(outcome, (now - dueAt(digest, now)) / SECOND)
}

/** When the mail was to be sent, or now if somebody has made it due earlier. */
const dueAt = ({ sendAt }: LeasedDigest, now: number): number => Math.min(sendAt, now)

async function fail(deps: DeliverDeps, digest: LeasedDigest, reply: string): Promise<void> {
  const owned = ownedBy(deps, digest)
  if (digest.resent > 0) await endResend(deps.state, owned, reply)
  else await failDigest(deps.state, owned, { reply, now: deps.clock() })
}

async function putOff(
  deps: DeliverDeps,
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

const ownedBy = (deps: DeliverDeps, digest: LeasedDigest): OwnedDigest => ({
  digestId: digest.digestId,
  owner: deps.owner,
  resent: digest.resent,
})

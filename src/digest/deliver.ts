import type { Locales } from '../i18n/locales.ts'
import { backOff } from '../retry/back-off.ts'
import { passed } from '../steps.ts'
import type { DigestTemplate } from '../templates/digest-template.ts'
import { type Candidate, isListable, isUndecided } from './candidates.ts'
import type { Mailer, OutgoingMail, SendAnswer } from './mailer.ts'
import { messageIdOf } from './message-id.ts'
import {
  failDigest,
  finishDigest,
  freeItems,
  type Held,
  type LeasedDigest,
  postponeDigest,
} from './outbox.ts'
import { inParallel } from './parallel.ts'
import {
  type DueDigests,
  dueParcels,
  type Hand,
  keepLeases,
  type ParcelDeps,
  returnParcels,
} from './parcels.ts'
import { type RenderLimits, renderDigest } from './render.ts'
import { type ViewDeps, viewOf } from './view-of.ts'

export interface DeliverDeps extends ViewDeps, ParcelDeps {
  readonly mailer: Mailer
  readonly template: () => Promise<DigestTemplate>
  readonly locales: Locales
  readonly limits: RenderLimits
  /** Of the Message-ID. */
  readonly domain: string
  /** How long the quarantine keeps a message, in milliseconds. */
  readonly retention: number
  readonly connections: number
  /** How long a digest is tried again, in milliseconds. */
  readonly giveUp: number
}

export interface DeliverRequest extends DueDigests {
  readonly signal?: AbortSignal | undefined
  /** Called once for each digest that was tried. */
  readonly onAttempt?: () => void
}

export interface Delivered {
  readonly sent: number
  /** Refused, given up or put off. */
  readonly failed: number
}

/**
 * Sends the digests that are due, whoever compiled them. Each is rendered from its row and its items, sent under the
 * Message-ID of its row, and recorded. While the SMTP server is away, what is due is put off and the work ends.
 */
export async function deliver(deps: DeliverDeps, request: DeliverRequest): Promise<Delivered> {
  const tally = { sent: 0, failed: 0 }
  const hand: Hand = new Map()
  const outage = new AbortController()
  const stop = AbortSignal.any([outage.signal, ...(request.signal ? [request.signal] : [])])
  const parcels = dueParcels(deps, request, hand)
  const heartbeat = keepLeases(deps, hand)
  try {
    await inParallel(
      parcels,
      deps.connections,
      async ({ digest, candidates }) => {
        hand.set(digest.digestId, { digest, begun: true })
        const answer = await deliverOne(deps, digest, candidates)
        hand.delete(digest.digestId)
        count(tally, answer, request)
        if (answer === 'unreachable') outage.abort()
      },
      stop,
    )
  } finally {
    await parcels.return(undefined)
    clearInterval(heartbeat)
    const untouched = [...hand.values()].flatMap(({ digest, begun }) => (begun ? [] : [digest]))
    // One attempt has shown that the server is away; the others need not find out each for itself.
    if (outage.signal.aborted) await putAllOff(deps, untouched, request, tally)
    else await returnParcels(deps, untouched)
  }
  return tally
}

const FIRST_RETRY = 30_000
const LONGEST_RETRY = 3_600_000

interface Tally {
  sent: number
  failed: number
}

type Answer = 'sent' | 'empty' | 'failed' | 'unreachable'

function count(tally: Tally, answer: Answer, request: DeliverRequest): void {
  if (answer === 'sent') tally.sent += 1
  if (answer === 'failed' || answer === 'unreachable') tally.failed += 1
  request.onAttempt?.()
}

async function putAllOff(
  deps: DeliverDeps,
  digests: readonly LeasedDigest[],
  request: DeliverRequest,
  tally: Tally,
): Promise<void> {
  for (const digest of digests) {
    await putOff(deps, digest, 'the SMTP server could not be reached')
    count(tally, 'failed', request)
  }
}

async function deliverOne(
  deps: DeliverDeps,
  digest: LeasedDigest,
  candidates: readonly Candidate[],
): Promise<Answer> {
  const now = deps.clock()
  const listable = candidates.filter(candidate => isListable(candidate, deps, now))
  await freeItems(
    deps.state,
    candidates.filter(isUndecided).map(({ item }) => item.itemId),
  )
  if (listable.length === 0) {
    const reply = 'every message was released or left the quarantine before the digest could be sent'
    await finishDigest(deps.state, heldBy(deps, digest), { state: 'empty', reply, now })
    return 'empty'
  }
  const answer = await send(deps, digest, listable, now)
  return record(deps, digest, answer)
}

/** A digest that cannot be rendered is put off, so that it holds up nobody else's. */
async function send(
  deps: DeliverDeps,
  digest: LeasedDigest,
  listable: readonly Candidate[],
  now: number,
): Promise<SendAnswer> {
  try {
    const mail = await mailOf(deps, digest, listable, now)
    passed('digest-rendered')
    return await deps.mailer.send(mail)
  } catch (error) {
    deps.log.error({ err: error, digest: digest.digestId }, 'digest could not be rendered')
    return { outcome: 'deferred', reply: `not rendered: ${error instanceof Error ? error.message : error}` }
  }
}

async function mailOf(
  deps: DeliverDeps,
  digest: LeasedDigest,
  listable: readonly Candidate[],
  now: number,
): Promise<OutgoingMail> {
  const view = viewOf(deps, digest, listable, deps.limits.maxRows, now)
  const words = deps.locales.wordsFor(digest.language)
  const rendered = renderDigest(await deps.template(), words, view, deps.limits)
  return {
    to: digest.deliverTo,
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    messageId: messageIdOf(digest.digestId, deps.domain),
    date: digest.createdAt,
    language: words.language,
    preferencesUrl: view.links.preferences,
  }
}

async function record(
  deps: DeliverDeps,
  digest: LeasedDigest,
  answer: SendAnswer,
): Promise<'sent' | 'failed' | 'unreachable'> {
  const now = deps.clock()
  const about = { digest: digest.digestId, reader: digest.reader, reply: answer.reply }
  switch (answer.outcome) {
    case 'accepted':
      passed('digest-accepted')
      await finishDigest(deps.state, heldBy(deps, digest), { state: 'sent', reply: answer.reply, now })
      passed('digest-recorded')
      deps.log.info(about, 'digest sent')
      return 'sent'
    case 'refused':
      await failDigest(deps.state, heldBy(deps, digest), { reply: answer.reply, now })
      deps.log.error(about, 'digest refused by the SMTP server')
      return 'failed'
    case 'deferred':
      await putOff(deps, digest, answer.reply)
      deps.log.warn(about, 'digest put off')
      return 'failed'
    case 'unreachable':
      await putOff(deps, digest, answer.reply)
      deps.log.error(about, 'the SMTP server could not be reached')
      return 'unreachable'
  }
}

async function putOff(deps: DeliverDeps, digest: LeasedDigest, reply: string): Promise<void> {
  const now = deps.clock()
  if (now - digest.createdAt >= deps.giveUp) {
    await failDigest(deps.state, heldBy(deps, digest), { reply, now })
    deps.log.error({ digest: digest.digestId, reader: digest.reader, reply }, 'digest given up')
    return
  }
  const nextAttemptAt = now + backOff(digest.attempts + 1, FIRST_RETRY, LONGEST_RETRY)
  await postponeDigest(deps.state, heldBy(deps, digest), { nextAttemptAt, reply })
}

const heldBy = (deps: DeliverDeps, digest: LeasedDigest): Held => ({
  digestId: digest.digestId,
  owner: deps.owner,
})

import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import type { Locales } from '../i18n/locales.ts'
import { backOff } from '../retry/back-off.ts'
import type { DigestTemplate } from '../templates/digest-template.ts'
import { type Candidate, withMail } from './candidates.ts'
import { isListable } from './compile.ts'
import type { Mailer, OutgoingMail, SendAnswer } from './mailer.ts'
import { messageIdOf } from './message-id.ts'
import {
  finishDigest,
  giveUpDigest,
  itemsOfDigests,
  type LeasedDigest,
  leaseDigests,
  postponeDigest,
  renewLeases,
  returnDigests,
} from './outbox.ts'
import { inParallel } from './parallel.ts'
import { type RenderLimits, renderDigest } from './render.ts'
import { type ViewDeps, viewOf } from './view-of.ts'

export interface DeliverDeps extends ViewDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly mailer: Mailer
  readonly template: () => Promise<DigestTemplate>
  readonly locales: Locales
  readonly limits: RenderLimits
  /** Of the Message-ID. */
  readonly domain: string
  /** How long the quarantine keeps a message, in milliseconds. */
  readonly retention: number
  /** This process, in leases. */
  readonly owner: string
  readonly connections: number
  /** Milliseconds after which a dead process's digests are free again. */
  readonly lease: number
  /** How long a digest is tried again, in milliseconds. */
  readonly giveUp: number
  readonly clock: () => number
  readonly log: Logger
}

export interface DeliverRequest {
  /** Digests that are due at this time, in milliseconds since the epoch. */
  readonly dueAt: number
  /** These readers' only. */
  readonly readers?: readonly string[]
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
  const heartbeat = keepLeases(deps)
  try {
    while (!request.signal?.aborted) {
      const digests = await leaseBatch(deps, request)
      if (digests.length === 0) break
      const serverIsUp = await deliverBatch(deps, digests, request, tally)
      if (!serverIsUp) break
    }
    return tally
  } finally {
    clearInterval(heartbeat)
  }
}

/** Digests in hand at once; the mails of so many are read from amavis's tables in one go. */
const BATCH = 200

const FIRST_RETRY = 30_000
const LONGEST_RETRY = 3_600_000

interface Tally {
  sent: number
  failed: number
}

function keepLeases(deps: DeliverDeps): NodeJS.Timeout {
  return setInterval(() => {
    renewLeases(deps.state, deps.owner, deps.clock() + deps.lease).catch((error: unknown) => {
      deps.log.warn({ err: error }, 'leases could not be renewed')
    })
  }, deps.lease / 3).unref()
}

function leaseBatch(deps: DeliverDeps, request: DeliverRequest): Promise<LeasedDigest[]> {
  const now = deps.clock()
  const lease = { owner: deps.owner, until: now + deps.lease }
  return leaseDigests(deps.state, lease, {
    now,
    dueAt: request.dueAt,
    readers: request.readers,
    limit: BATCH,
  })
}

/** @returns whether the SMTP server could be reached */
async function deliverBatch(
  deps: DeliverDeps,
  digests: readonly LeasedDigest[],
  request: DeliverRequest,
  tally: Tally,
): Promise<boolean> {
  const untouched = new Set(digests.map(digest => digest.digestId))
  const outage = new AbortController()
  const stop = AbortSignal.any([outage.signal, ...(request.signal ? [request.signal] : [])])
  try {
    const candidates = await candidatesOf(deps, digests)
    await inParallel(
      digests,
      deps.connections,
      async digest => {
        untouched.delete(digest.digestId)
        const answer = await deliverOne(deps, digest, candidates.get(digest.digestId) ?? [])
        if (answer === 'sent') tally.sent += 1
        if (answer === 'failed' || answer === 'unreachable') tally.failed += 1
        if (answer === 'unreachable') outage.abort()
        request.onAttempt?.()
      },
      stop,
    )
  } finally {
    if (!outage.signal.aborted) await returnDigests(deps.state, [...untouched])
  }
  if (!outage.signal.aborted) return true
  // One attempt has shown that the server is away; the others need not find out each for itself.
  for (const digest of digests.filter(({ digestId }) => untouched.has(digestId))) {
    await putOff(deps, digest, 'the SMTP server could not be reached')
    tally.failed += 1
    request.onAttempt?.()
  }
  return false
}

async function candidatesOf(
  deps: DeliverDeps,
  digests: readonly LeasedDigest[],
): Promise<Map<string, Candidate[]>> {
  const items = await itemsOfDigests(
    deps.state,
    digests.map(digest => digest.digestId),
  )
  const candidates = await withMail(deps.storage, [...items.values()].flat())
  return Map.groupBy(candidates, candidate => candidate.item.digestId ?? '')
}

async function deliverOne(
  deps: DeliverDeps,
  digest: LeasedDigest,
  candidates: readonly Candidate[],
): Promise<'sent' | 'empty' | 'failed' | 'unreachable'> {
  const now = deps.clock()
  const listable = candidates.filter(candidate => isListable(candidate, deps, now))
  if (listable.length === 0) {
    const reply = 'every message was released or left the quarantine before the digest could be sent'
    await finishDigest(deps.state, digest.digestId, { state: 'empty', reply, now })
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
      await finishDigest(deps.state, digest.digestId, { state: 'sent', reply: answer.reply, now })
      deps.log.info(about, 'digest sent')
      return 'sent'
    case 'refused':
      await finishDigest(deps.state, digest.digestId, { state: 'failed', reply: answer.reply, now })
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
    await giveUpDigest(deps.state, digest.digestId, reply, now)
    deps.log.error({ digest: digest.digestId, reader: digest.reader, reply }, 'digest given up')
    return
  }
  const nextAttemptAt = now + backOff(digest.attempts + 1, FIRST_RETRY, LONGEST_RETRY)
  await postponeDigest(deps.state, digest.digestId, { nextAttemptAt, reply })
}

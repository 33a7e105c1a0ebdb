import { setTimeout as after } from 'node:timers/promises'
import { recordAudit } from '../../ground/audit/record.ts'
import { CodedError, type ErrorCode, httpStatusOf } from '../../ground/errors.ts'
import { actorOf, requirePermission, type Visitor } from '../../rules/reach/visitor.ts'
import { findItems, type Item, isShownBy } from '../../work/collect/items.ts'
import { withMail } from '../../work/digest/make/candidates.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'
import { PUTS_OFF } from '../../work/release/put-off.ts'
import type { ReleaseOutcome } from '../../work/release/release-message.ts'
import type { ReleasedBy } from '../../work/release/released-by.ts'
import { type PageLanguage, pageLanguageOf } from '../../work/settings/read-settings.ts'
import type { HeldMessageDeps } from './open-message.ts'
import { type ReaderRequest, releaseForReader } from './release-for-reader.ts'
import { entriesOf, PER_PAGE, type WholeDigestDeps, type WholeDigestEntry } from './whole-digest.ts'

export interface ReleaseTogetherDeps extends HeldMessageDeps, WholeDigestDeps {
  /** How many messages are released at once: no more than amavisd may be asked for. */
  readonly releasesAtOnce: number
  /** How long a page may take to answer, in milliseconds. What is not released by then is queued. */
  readonly releasePatience: number
}

/** A reader's request to release several messages of a digest. */
export interface TogetherRequest extends Pick<ReaderRequest, 'pressed' | 'remoteAddress'> {
  readonly itemIds: readonly string[]
}

export interface ReleasedTogether {
  readonly audience: PageLanguage
  /** In the order of the request. */
  readonly results: readonly TogetherResult[]
}

/** What became of one of the messages. */
export interface TogetherResult extends TogetherOutcome {
  /** Undefined when it is none of the digest's messages any more. */
  readonly entry: WholeDigestEntry | undefined
  readonly itemId: string
}

export interface TogetherOutcome {
  /** `left-out`: it is released only on its own page, because it is risky or because a machine may have asked. */
  readonly status: ReleaseOutcome['status'] | 'left-out'
  /** Why it was not released. */
  readonly code: ErrorCode | null
  /** Who released it, if it was not this reader and is known. */
  readonly releasedBy?: ReleasedBy | undefined
}

/**
 * Releases several messages of one digest, each as its own page would: with its own claim, outcome and audit row. Risky
 * ones are left out. After `releasePatience` the rest is queued, so that the page answers.
 *
 * @throws CodedError OUT_OF_REACH, REQUEST_INVALID (more messages than a page lists)
 */
export async function releaseTogether(
  deps: ReleaseTogetherDeps,
  visitor: Visitor,
  digest: ShownDigest,
  request: TogetherRequest,
): Promise<ReleasedTogether> {
  requirePermission(visitor, 'release', digest.reader)
  const itemIds = [...new Set(request.itemIds)]
  if (itemIds.length > PER_PAGE) {
    throw new CodedError('REQUEST_INVALID', `Release at most ${PER_PAGE} messages at once.`)
  }
  const own = (await findItems(deps.state, itemIds)).filter(item => isListedIn(item, digest))
  const candidates = await withMail(deps.storage, own)
  const entries = await entriesOf(deps, visitor, digest, candidates)
  const outcomes = await releaseAll(deps, { visitor, request, items: own, entries })
  return {
    audience: await pageLanguageOf(deps.state, digest.reader, deps.standard),
    results: itemIds.map(itemId => ({
      itemId,
      entry: entries.find(entry => entry.itemId === itemId),
      ...(outcomes.get(itemId) ?? GONE),
    })),
  }
}

const isListedIn = (item: Item, { digestId, reader, copy }: ShownDigest): boolean =>
  copy ? isShownBy(item, { reader, copyOf: copy.of }) : item.digestId === digestId

const GONE = { status: 'failed', code: 'MESSAGE_GONE' } as const satisfies TogetherOutcome

interface Batch {
  readonly visitor: Visitor
  readonly request: TogetherRequest
  readonly items: readonly Item[]
  readonly entries: readonly WholeDigestEntry[]
}

/** The outcome of each message, by the item's id. */
async function releaseAll(deps: ReleaseTogetherDeps, batch: Batch): Promise<Map<string, TogetherOutcome>> {
  const outcomes = new Map<string, TogetherOutcome>()
  const waiting = [...batch.items]
  let fault: TogetherOutcome | undefined
  const work = async (own: ReleaseTogetherDeps, isTime: () => boolean) => {
    while (!fault && isTime()) {
      const item = waiting.shift()
      if (!item) return
      const outcome = await releaseOne(own, batch, item)
      outcomes.set(item.itemId, outcome)
      if (isServerFault(outcome)) fault = outcome
    }
  }
  const inParallel = (own: ReleaseTogetherDeps, isTime = () => true) =>
    Promise.all(Array.from({ length: deps.releasesAtOnce }, () => work(own, isTime)))

  await inTime(deps.releasePatience, isTime => inParallel(deps, isTime))
  const unanswered = new Set(batch.items)
  for (const item of waiting) unanswered.delete(item)
  await inParallel({ ...deps, transport: PUTS_OFF })
  for (const { itemId } of unanswered) if (!outcomes.has(itemId)) outcomes.set(itemId, STILL_ASKED)
  for (const { itemId } of waiting) if (fault) outcomes.set(itemId, fault)
  return outcomes
}

/** Waits until the work is done, but no longer than so many milliseconds. What is in hand then goes on. */
async function inTime(limit: number, work: (isTime: () => boolean) => Promise<unknown>): Promise<void> {
  const done = new AbortController()
  let isTime = true
  const patience = after(limit, undefined, { signal: done.signal, ref: false }).catch(() => {})
  await Promise.race([work(() => isTime), patience])
  isTime = false
  done.abort()
}

/** A database that is away fails every message, and each only after a while: the others are not tried. */
const isServerFault = ({ status, code }: TogetherOutcome): boolean =>
  status === 'failed' && code !== null && httpStatusOf(code) === 503

/** amavisd has been asked, or is about to be, and the answer will be recorded. */
const STILL_ASKED = { status: 'queued', code: 'AMAVISD_DEFERRED' } as const satisfies TogetherOutcome

/** Never rejects. */
async function releaseOne(
  deps: ReleaseTogetherDeps,
  { visitor, request, entries }: Batch,
  item: Item,
): Promise<TogetherOutcome> {
  const { pressed, remoteAddress } = request
  try {
    const entry = entries.find(({ itemId }) => itemId === item.itemId)
    if (entry && entry.releasableUntil <= deps.clock())
      return await recordExpired(deps, visitor, item, request)
    const choice = { confirmed: false, again: false, pressed, amongSeveral: true, remoteAddress }
    const { outcome } = await releaseForReader(deps, visitor, item, choice)
    const { status, code, releasedBy } = outcome
    return { status, code, releasedBy }
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    if (code === 'INTERNAL') deps.log.error({ err: error, item: item.itemId }, 'a release failed')
    return { status: code === 'CONFIRMATION_REQUIRED' ? 'left-out' : 'failed', code }
  }
}

/** The message's own link would be refused, and the refusal recorded, too. */
async function recordExpired(
  { state, clock }: ReleaseTogetherDeps,
  visitor: Visitor,
  { itemId, recipient }: Item,
  { remoteAddress }: TogetherRequest,
): Promise<TogetherOutcome> {
  const outcome = 'LINK_EXPIRED'
  const actor = actorOf(visitor, remoteAddress)
  const { reader } = visitor
  await recordAudit(state, { actor, action: 'release', itemId, recipient, reader, outcome }, clock())
  return { status: 'failed', code: outcome }
}

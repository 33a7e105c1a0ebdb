import { findHeldMail, type HeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import { findReleaseHandle } from '../../ground/amavis/release-handle.ts'
import { type Actor, type AuditEntry, recordAudit } from '../../ground/audit/record.ts'
import { CodedError, type ErrorCode, httpStatusOf } from '../../ground/errors.ts'
import { newId } from '../../ground/state/id.ts'
import { isForTwo, needsConfirmation, offerFor } from '../../rules/policy/offer.ts'
import type { Policies } from '../../rules/policy/policy.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import type { Item } from '../collect/items.ts'
import { type AfterChange, tellOfChange } from './after-change.ts'
import { type AskDeps, type Asked, askAmavisd, type Beside } from './ask.ts'
import {
  type AskedBy,
  claimAgain,
  claimFirst,
  endClaim,
  findRelease,
  joinQueued,
  RELEASED_ELSEWHERE,
  type ReleaseRow,
} from './claims.ts'
import { type MarkDeps, markInAmavis } from './mark-in-amavis.ts'
import { type ReleasedBy, releasedBy } from './released-by.ts'
import { settleOrphan } from './settle-orphan.ts'
import { whenSettled } from './settled.ts'

export interface ReleaseDeps extends AskDeps, MarkDeps, AfterChange {
  readonly policies: Policies
}

export interface ReleaseMessageRequest {
  /** The reader for whom it is released, whom `Resent-From:` names, and what the visit gives access to. */
  readonly visitor: Visitor
  readonly actor: Actor
  /** Who is recorded as having asked, if not the actor: an admin may repeat what a reader has asked for. */
  readonly askedBy?: string
  /** The second, explicit confirmation for content whose policy asks for one. */
  readonly confirmed: boolean
  /** Release again although a copy may have been delivered. */
  readonly again: boolean
}

/** The outcome that is reported to the person who asked. */
export interface ReleaseOutcome {
  /** `requested`: an admin was asked for it, and decides. */
  readonly status: 'released' | 'already-released' | 'queued' | 'requested' | 'failed'
  /** Why it is queued or failed. */
  readonly code: ErrorCode | null
  /** Who released it, if that was not the reader who is told. */
  readonly releasedBy?: ReleasedBy | undefined
}

/** What the caller has just read, so that it is not read again. */
export interface SeenMessage {
  readonly release: ReleaseRow | undefined
  readonly mail: HeldMail | undefined
}

/**
 * Releases one held message to its one recipient: claim, ask, record. Of simultaneous calls only one asks amavisd, also
 * if they come from several readers of the message; the others wait for the answer and return it. Each call leaves an
 * audit row, even if it throws.
 *
 * @throws CodedError MESSAGE_GONE, POLICY_REFUSED, CONFIRMATION_REQUIRED
 */
export async function releaseMessage(
  deps: ReleaseDeps,
  item: Item,
  request: ReleaseMessageRequest,
  seen?: SeenMessage,
): Promise<ReleaseOutcome> {
  let isAudited = false
  const whenReleased = async ({ state, reply }: Asked) => {
    const written = writeAudit(deps, auditEntry(item, request, state, reply))
    const [audited] = await Promise.allSettled([written, markInAmavis(deps, item)])
    isAudited = audited.status === 'fulfilled'
  }
  try {
    const { outcome, reply } = await release(deps, item, { ...request, whenReleased }, seen)
    deps.works.succeeded('releasing', 'on request')
    if (!isAudited) await audit(deps, item, request, outcome.code ?? outcome.status, reply)
    if (request.actor.kind === 'admin') await tellOfChange(deps, item.heldId)
    return outcome
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    // Not what a message or a visitor may cause: nobody from outside is to make the service look unready.
    if (code !== 'INTERNAL' && httpStatusOf(code) === 503) deps.works.failed('releasing', 'on request', error)
    await audit(deps, item, request, code, null)
    throw error
  }
}

/** The outcome, with what amavisd said. */
interface OutcomeWithReply {
  readonly outcome: ReleaseOutcome
  readonly reply: string | null
}

async function release(
  deps: ReleaseDeps,
  item: Item,
  request: ReleaseMessageRequest & Pick<Beside, 'whenReleased'>,
  seen: SeenMessage | undefined,
): Promise<OutcomeWithReply> {
  const { row: known, waited } = await settledRelease(deps, item, seen)
  // A caller that has waited for an answer gets that answer, and does not ask again.
  if (known && (waited || !mayAsk(known, request, seen?.mail))) {
    if (known.state === 'queued' && request.actor.kind === 'reader')
      await joinQueued(deps.state, known, askedBy(item, request))
    return outcomeOfRow(known, item)
  }
  const mail = seen ? seen.mail : (await findHeldMail(deps.storage, [item])).get(heldMailKeyOf(item))
  if (mail?.state === 'released') return releasedBefore(deps, item)
  // Another program may ask for what a reader could release.
  if (mail?.state === 'pending' && !request.visitor.may.includes('decide')) return REQUESTED
  requireReleasable(deps, mail, request)
  const handle = findReleaseHandle(deps.storage, item)
  // Without the claim, nobody looks at it.
  handle.catch(() => undefined)
  const claim = await takeClaim(deps, item, request, known)
  const { whenReleased } = request
  const asked = claim && (await askAmavisd(deps, item, claim, { handle, whenReleased }))
  if (asked) return outcomeOfAsking(asked)
  // Another process was quicker by a moment: wait for the answer that it gets from amavisd.
  const { row: theirs } = await settledRelease(deps, item)
  if (!theirs) throw gone()
  return outcomeOfRow(theirs, item)
}

/** An admin decides on it, whoever has asked. */
const REQUESTED: OutcomeWithReply = { outcome: { status: 'requested', code: null }, reply: null }

/**
 * amavis's row says R. If we wrote that, our row says who asked, or will in a moment: perhaps another reader. Of a release
 * that was uncertain nobody has to find out any more what became of it.
 */
async function releasedBefore(deps: ReleaseDeps, item: Item): Promise<OutcomeWithReply> {
  const { row } = await settledRelease(deps, item)
  if (row?.state === 'released') return outcomeOfRow(row, item)
  if (row?.state === 'uncertain') {
    const end = { state: 'released', code: null, reply: RELEASED_ELSEWHERE, nextAttemptAt: null } as const
    await endClaim(deps.state, row.heldId, row.claimId, { ...end, now: deps.clock() })
  }
  return { outcome: { status: 'already-released', code: null }, reply: null }
}

/**
 * Waits until no process is asking amavisd for the message, and ends the claim of a dead one. @returns the release then
 */
async function settledRelease(
  deps: ReleaseDeps,
  item: Item,
  seen?: SeenMessage,
): Promise<{ readonly row: ReleaseRow | undefined; readonly waited: boolean }> {
  let looks = 0
  const look = async () => {
    looks += 1
    return looks === 1 && seen ? seen.release : findRelease(deps.state, item.heldId)
  }
  const row = await whenSettled(look, deps.clock, { stop: deps.stop })
  const waited = looks > 1
  if (row?.state !== 'releasing' || row.leaseUntil > deps.clock()) return { row, waited }
  await settleOrphan(deps, row)
  return { row: await findRelease(deps.state, item.heldId), waited }
}

/** Whether amavisd may be asked again, or amavis's row says that the process that died had its answer. */
function mayAsk(row: ReleaseRow, request: ReleaseMessageRequest, mail: HeldMail | undefined): boolean {
  const mayEnd = request.again || mail?.state === 'released'
  return row.state === 'failed' || (row.state === 'uncertain' && mayEnd)
}

/** The outcome of an earlier or simultaneous request. */
function outcomeOfRow(row: ReleaseRow, { reader }: Item): OutcomeWithReply {
  const { reply } = row
  const code = row.code as ErrorCode | null
  switch (row.state) {
    case 'released': {
      const by = releasedBy(row, reader)
      return { outcome: { status: 'already-released', code: null, ...(by && { releasedBy: by }) }, reply }
    }
    case 'queued':
      return { outcome: { status: 'queued', code }, reply }
    case 'releasing':
      return { outcome: { status: 'queued', code: 'AMAVISD_DEFERRED' }, reply }
    case 'uncertain':
      return { outcome: { status: 'failed', code: 'RELEASE_UNCERTAIN' }, reply }
    case 'failed':
      return { outcome: { status: 'failed', code: code ?? 'AMAVISD_REFUSED' }, reply }
  }
}

function requireReleasable(
  deps: ReleaseDeps,
  mail: HeldMail | undefined,
  request: ReleaseMessageRequest,
): asserts mail is HeldMail {
  if (!mail || mail.state === 'gone') throw gone()
  if (mail.state === 'delivered') {
    throw new CodedError('MESSAGE_GONE', 'amavisd delivered this message: the quarantine has a copy only.')
  }
  // An admin who releases a message that was requested has decided.
  const offer = offerFor({ ...mail, state: 'held' }, deps.policies, request.visitor)
  if (offer === 'none' && isForTwo(mail, deps.policies) && request.visitor.may.includes('decide')) {
    throw new CodedError(
      'POLICY_REFUSED',
      'Two admins have to approve of a virus: its reader has to ask for it, and both approve of the request.',
    )
  }
  if (offer === 'none') {
    throw new CodedError('POLICY_REFUSED', 'The admin does not let mail of this kind be released.')
  }
  if (offer === 'request') {
    throw new CodedError('POLICY_REFUSED', 'Mail of this kind has to be asked for: an admin decides.')
  }
  if (needsConfirmation(offer) && !request.confirmed) {
    throw new CodedError(
      'CONFIRMATION_REQUIRED',
      'Mail of this kind is released only after a second confirmation.',
    )
  }
}

const gone = () => new CodedError('MESSAGE_GONE', 'The quarantine no longer has this message.')

/** @returns the caller's own claim; undefined when somebody else has it */
async function takeClaim(
  deps: ReleaseDeps,
  item: Item,
  request: ReleaseMessageRequest,
  seen: ReleaseRow | undefined,
): Promise<ReleaseRow | undefined> {
  const now = deps.clock()
  const asked = askedBy(item, request)
  const claim = { claimId: newId(now), leaseUntil: now + deps.claimLease }
  if (!seen) return claimFirst(deps.state, { ...claim, ...asked, heldId: item.heldId, now })
  const won = await claimAgain(deps.state, seen, { ...claim, request: { ...asked, at: now } })
  return won ? findRelease(deps.state, item.heldId) : undefined
}

const askedBy = (item: Item, { visitor, actor, askedBy = actor.name }: ReleaseMessageRequest): AskedBy => ({
  itemId: item.itemId,
  requestedBy: visitor.reader,
  askedBy,
})

function outcomeOfAsking(asked: Asked): OutcomeWithReply {
  switch (asked.state) {
    case 'released':
      return { outcome: { status: 'released', code: null }, reply: asked.reply }
    case 'queued':
      return { outcome: { status: 'queued', code: asked.code }, reply: asked.reply }
    case 'failed':
    case 'uncertain':
      return { outcome: { status: 'failed', code: asked.code }, reply: asked.reply }
  }
}

/** Records the outcome. A failure is only logged: the release has happened, and the person gets the answer anyway. */
async function audit(
  deps: ReleaseDeps,
  item: Item,
  request: ReleaseMessageRequest,
  outcome: string,
  reply: string | null,
): Promise<void> {
  const entry = auditEntry(item, request, outcome, reply)
  await writeAudit(deps, entry).catch((error: unknown) => {
    deps.log.error({ err: error, ...entry }, 'a release could not be written to the audit')
  })
}

const writeAudit = ({ works, state, clock }: ReleaseDeps, entry: AuditEntry): Promise<void> =>
  works.run('recording', 'audit', () => recordAudit(state, entry, clock()))

const auditEntry = (
  { itemId, recipient, reader }: Item,
  { actor }: ReleaseMessageRequest,
  outcome: string,
  reply: string | null,
): AuditEntry => ({
  actor,
  action: 'release',
  itemId,
  recipient,
  reader,
  outcome,
  ...(reply ? { detail: reply } : {}),
})

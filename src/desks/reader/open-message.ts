import type { HeldMail } from '../../ground/amavis/held-mail.ts'
import type { ErrorCode } from '../../ground/errors.ts'
import { mayReleaseItself, type Offer, offerFor } from '../../rules/policy/offer.ts'
import { requirePermission, type Visitor } from '../../rules/reach/visitor.ts'
import { type ButtonDeps, needsButton } from '../../work/clicks/press-button.ts'
import type { Item } from '../../work/collect/items.ts'
import { DROPPED, neverAsked, type ReleaseRow } from '../../work/release/claims.ts'
import { type ReleasedBy, releasedBy } from '../../work/release/released-by.ts'
import { mayAskFor, type ReleaseOrAskDeps } from '../../work/requests/release-or-ask.ts'
import { type RequestSeen, requestsOf } from '../../work/requests/requests-seen.ts'
import { languageIn, type PageLanguage } from '../../work/settings/read-settings.ts'
import type { Standards } from '../../work/settings/standards.ts'
import { type MessageReads, messageReads } from './message-reads.ts'

export interface HeldMessageDeps extends ReleaseOrAskDeps, ButtonDeps {
  readonly standard: Standards
}

/** A message as its reader sees it, with the state of its release. */
export interface OpenedMessage extends PageLanguage {
  readonly item: Item
  readonly mail: HeldMail | undefined
  readonly release: ReleaseRow | undefined
  readonly state: MessageState
  /** Whether only the page's button releases it, because a machine reads this reader's digests. */
  readonly needsButton: boolean
}

export type MessageState =
  | {
      readonly is: 'waiting'
      readonly offer: Exclude<Offer, 'none'>
      /** Whether its page may release at the first sign of a human, without the button. */
      readonly mayReleaseItself: boolean
      /** When it was asked for, and nobody decided in time; undefined: it was not. */
      readonly expired?: number | undefined
    }
  | {
      readonly is: 'released'
      /** Who did it, if it was not this reader and is known. */
      readonly by: ReleasedBy | undefined
    }
  | { readonly is: 'queued' }
  | Requested
  | {
      readonly is: 'refused'
      /** Milliseconds since the epoch. */
      readonly at: number
      /** What the admin says; untrusted text. */
      readonly note: string | undefined
    }
  | {
      readonly is: 'failed'
      readonly code: ErrorCode
      /** Whether the reader may ask for it once more. */
      readonly mayRetry: boolean
    }

/** Admins were asked for it, and have not decided. */
export interface Requested {
  readonly is: 'requested'
  /** Undefined: another program has asked (`rs` = p). */
  readonly request: RequestSeen | undefined
  /** Whether this reader has not asked, and may: then they are told the answer, too. */
  readonly mayJoin: boolean
}

/** Whether a release that failed for this reason may be asked for once more. */
export const mayRetry = (code: ErrorCode): boolean => code !== 'MESSAGE_GONE' && code !== 'POLICY_REFUSED'

/**
 * Reads a message and the state of its release. Changes nothing.
 *
 * @param reads shared by those who look at messages at the same time
 * @throws CodedError OUT_OF_REACH
 */
export async function openMessage(
  deps: HeldMessageDeps,
  visitor: Visitor,
  item: Item,
  reads: MessageReads = messageReads(deps),
): Promise<OpenedMessage> {
  requirePermission(visitor, 'read', item.reader)
  const [[mail, release], settings, isButtonNeeded] = await Promise.all([
    mailAndRelease(reads, item),
    reads.settings(item.reader),
    needsButton(deps, visitor, item.reader, item.mailAt, reads.isReadByMachine),
  ])
  const asked = mail && mayAskFor(mail, deps.policies, visitor)
  const request =
    asked || mail?.state === 'pending'
      ? (await requestsOf(deps.state, [item.heldId], item.reader)).get(item.heldId)
      : undefined
  const state = stateOf(deps, visitor, { item, mail, release, request, isButtonNeeded })
  return { item, mail, release, ...languageIn(settings), state, needsButton: isButtonNeeded }
}

/**
 * Reads both at the same time. Where amavis's row says that we released it, our row says for whom, and is written at
 * the same moment: only then is it read once more, if it was read a moment too early.
 */
async function mailAndRelease(
  reads: MessageReads,
  item: Item,
): Promise<readonly [HeldMail | undefined, ReleaseRow | undefined]> {
  const [mail, release] = await Promise.all([reads.mail(item), reads.release(item.heldId)])
  const isEarly = mail?.state === 'released' && release?.state !== 'released'
  return [mail, isEarly ? await reads.release(item.heldId) : release]
}

interface Found {
  readonly item: Item
  readonly mail: HeldMail | undefined
  readonly release: ReleaseRow | undefined
  readonly request: RequestSeen | undefined
  readonly isButtonNeeded: boolean
}

function stateOf(
  deps: HeldMessageDeps,
  visitor: Visitor,
  { item: { reader }, mail, release, request, isButtonNeeded }: Found,
): MessageState {
  // amavis's row counts first: another program may have released it, or our tables may come from an older backup.
  if (mail?.state === 'released') return { is: 'released', by: releasedBy(release, reader) }
  switch (release?.state) {
    case 'released':
      return { is: 'released', by: releasedBy(release, reader) }
    case 'queued':
      return { is: 'queued' }
    case 'releasing':
      if (release.leaseUntil <= deps.clock()) {
        return neverAsked(release) ? { is: 'queued' } : failed('RELEASE_UNCERTAIN')
      }
      // amavisd is being asked right now. Pressing the button waits for the same answer.
      break
    case 'uncertain':
    case 'failed':
    case undefined:
  }
  // What was approved may have failed, and been asked for anew.
  const standing = mail && standingOf(mail, release, request, mayAskFor(mail, deps.policies, visitor))
  if (standing) return standing
  if (release?.state === 'uncertain') return failed('RELEASE_UNCERTAIN')
  if (!mail || mail.state === 'gone' || mail.state === 'delivered') return failed('MESSAGE_GONE')
  // A release that an admin dropped may be requested again, as if it had never been requested.
  if (release?.state === 'failed' && release.code !== DROPPED.code) {
    return failed((release.code as ErrorCode | null) ?? 'AMAVISD_REFUSED')
  }
  const offer = offerFor({ ...mail, state: 'held' }, deps.policies, visitor)
  if (offer === 'none') return failed('POLICY_REFUSED')
  return {
    is: 'waiting',
    offer,
    mayReleaseItself: release === undefined && !isButtonNeeded && mayReleaseItself(mail.kind, offer),
    expired: request?.state === 'expired' ? request.askedAt : undefined,
  }
}

/** What has become of the request for a message that is not released; undefined: nothing that bars another one. */
function standingOf(
  mail: HeldMail,
  release: ReleaseRow | undefined,
  request: RequestSeen | undefined,
  mayAsk: boolean,
): MessageState | undefined {
  switch (request?.state) {
    case 'refused':
      return { is: 'refused', at: request.decidedAt ?? request.askedAt, note: request.note }
    case 'approved':
      return release?.state === 'failed' || release?.state === 'uncertain' ? undefined : { is: 'queued' }
    case 'waiting':
      return { is: 'requested', request, mayJoin: mayAsk && !request.askedByThisReader }
    case 'expired':
      // `rs` may say p for a moment more.
      if (mayAsk) return undefined
      break
    case 'released':
    case 'gone':
    case undefined:
  }
  return mail.state === 'pending' ? { is: 'requested', request: undefined, mayJoin: mayAsk } : undefined
}

const failed = (code: ErrorCode): MessageState => ({ is: 'failed', code, mayRetry: mayRetry(code) })

import { type Actor, recordAudit } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import { actorOf, requirePermission } from '../../rules/reach/visitor.ts'
import { refuseWithoutButton } from '../../work/clicks/press-button.ts'
import type { Item } from '../../work/collect/items.ts'
import type { ReleaseOutcome } from '../../work/release/release-message.ts'
import { releaseOrAsk } from '../../work/requests/release-or-ask.ts'
import type { MessageReads } from './message-reads.ts'
import {
  type HeldMessageDeps,
  type MessageState,
  mayRetry,
  type OpenedMessage,
  openMessage,
} from './open-message.ts'

/** How a reader asks for a release. */
export interface ReaderRequest {
  /** The second, explicit confirmation for content whose policy asks for one. */
  readonly confirmed: boolean
  /** Release again, although a copy may already have been delivered. */
  readonly again: boolean
  /** The reader pressed the button of a page; the request does not come from a script or a program. */
  readonly pressed: boolean
  /** One of several, at which nobody has looked one by one: no admin is asked for it. */
  readonly amongSeveral?: boolean | undefined
  readonly remoteAddress: string | null
  /** Reads what only the answer shows. Is called once the release is under way. */
  readonly meanwhile?: (() => unknown) | undefined
}

/** What became of a reader's request. */
export interface ReaderOutcome extends ReleaseOutcome {
  /** For one that failed: whether the reader may ask once more. */
  readonly mayRetry: boolean
}

/** A message as it was before the release or, where it was asked for, as it is now, and what became of the request. */
export interface ReaderRelease {
  readonly opened: OpenedMessage
  readonly outcome: ReaderOutcome
}

/**
 * A reader's own request to release a message or, where an admin has to decide, to ask for it. Each one leaves an audit
 * row, also one for a message that cannot be read.
 *
 * @param reads shared by those who look at messages at the same time
 * @throws CodedError OUT_OF_REACH, CONFIRMATION_REQUIRED, and as `openMessage` and `releaseMessage` do
 */
export async function releaseForReader(
  deps: HeldMessageDeps,
  visitor: Visitor,
  item: Item,
  request: ReaderRequest,
  reads?: MessageReads,
): Promise<ReaderRelease> {
  requirePermission(visitor, 'release', item.reader)
  const { confirmed, again, pressed, remoteAddress } = request
  const actor = actorOf(visitor, remoteAddress)
  const opened = await openMessage(deps, visitor, item, reads).catch((error: unknown) =>
    recordUnopened(deps, actor, item, error),
  )
  if (!pressed) await requireButtonNotNeeded(deps, opened, actor)
  const amongSeveral = request.amongSeveral === true && !isSettled(opened.state)
  const asking = releaseOrAsk(deps, item, { visitor, actor, confirmed, again, amongSeveral }, opened)
  if (request.meanwhile) setImmediate(request.meanwhile)
  const outcome = await asking
  const { status, code } = outcome
  const isAsked = status === 'requested' || code === 'POLICY_REFUSED'
  return {
    opened: isAsked ? await openMessage(deps, visitor, item) : opened,
    outcome: { ...outcome, mayRetry: status === 'failed' && mayRetry(code ?? 'AMAVISD_REFUSED') },
  }
}

async function recordUnopened(
  deps: HeldMessageDeps,
  actor: Actor,
  item: Item,
  error: unknown,
): Promise<never> {
  const outcome = error instanceof CodedError ? error.code : 'INTERNAL'
  await recordAudit(deps.state, { ...entryOf(actor, item), outcome }, deps.clock())
  throw error
}

const entryOf = (actor: Actor, { itemId, recipient, reader }: Item) =>
  ({ actor, action: 'release', itemId, recipient, reader }) as const

/** What is released, queued or asked for already needs no button: answering changes nothing. */
async function requireButtonNotNeeded(
  deps: HeldMessageDeps,
  { item, state, needsButton }: OpenedMessage,
  actor: Actor,
): Promise<void> {
  if (!needsButton || isSettled(state)) return
  await refuseWithoutButton(deps, entryOf(actor, item))
}

function isSettled(state: MessageState): boolean {
  switch (state.is) {
    case 'released':
    case 'queued':
    case 'refused':
      return true
    case 'requested':
      return !state.mayJoin
    case 'waiting':
    case 'failed':
      return false
  }
}

import { recordAudit } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import { requirePermission } from '../../rules/reach/visitor.ts'
import { type ReleaseOutcome, releaseMessage } from '../../work/release/release-message.ts'
import { type HeldMessageDeps, mayRetry, type OpenedMessage } from './open-message.ts'

/** How a reader asks for a release. */
export interface ReaderRequest {
  /** The second, explicit confirmation for content whose policy asks for one. */
  readonly confirmed: boolean
  /** Release again, although a copy may already have been delivered. */
  readonly again: boolean
  /** The reader pressed the button of a page; the request does not come from a script or a program. */
  readonly pressed: boolean
  readonly remoteAddress: string | null
}

/** What became of a reader's request. */
export interface ReaderOutcome extends ReleaseOutcome {
  /** For one that failed: whether the reader may ask once more. */
  readonly mayRetry: boolean
}

/**
 * A reader's own request to release a message that was opened a moment ago. Each one leaves an audit row.
 *
 * @throws CodedError OUT_OF_REACH, CONFIRMATION_REQUIRED, and as `releaseMessage` does
 */
export async function releaseForReader(
  deps: HeldMessageDeps,
  visitor: Visitor,
  opened: OpenedMessage,
  request: ReaderRequest,
): Promise<ReaderOutcome> {
  const { item } = opened
  requirePermission(visitor, 'release', item.reader)
  const { confirmed, again, pressed, remoteAddress } = request
  if (!pressed) await requireButtonNotNeeded(deps, opened, remoteAddress)
  const actor = { kind: 'reader', name: visitor.reader, remoteAddress } as const
  const outcome = await releaseMessage(deps, item, { visitor, actor, confirmed, again }, opened)
  const { status, code } = outcome
  return { ...outcome, mayRetry: status === 'failed' && mayRetry(code ?? 'AMAVISD_REFUSED') }
}

/** A message that is released or queued already needs no button: answering changes nothing. */
async function requireButtonNotNeeded(
  deps: HeldMessageDeps,
  { item, state, needsButton }: OpenedMessage,
  remoteAddress: string | null,
): Promise<void> {
  if (!needsButton || state.is === 'released' || state.is === 'queued') return
  const entry = {
    actor: { kind: 'reader', name: item.reader, remoteAddress },
    action: 'release',
    itemId: item.itemId,
    recipient: item.recipient,
    reader: item.reader,
    outcome: 'CONFIRMATION_REQUIRED',
    detail: 'a machine was seen reading the digest, and the button was not pressed',
  } as const
  await recordAudit(deps.state, entry, deps.clock())
  throw new CodedError(
    'CONFIRMATION_REQUIRED',
    'A machine was seen reading this digest. Press the button on the page, which sends button=yes.',
  )
}

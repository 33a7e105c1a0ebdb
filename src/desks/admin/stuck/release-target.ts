import { CodedError } from '../../../ground/errors.ts'
import { asApprovedFor } from '../../../rules/reach/visitor.ts'
import type { Item } from '../../../work/collect/items.ts'
import { dropQueued, makeQueuedDue, type ReleaseRow } from '../../../work/release/claims.ts'
import { releaseMessage } from '../../../work/release/release-message.ts'
import { settleOrphan } from '../../../work/release/settle-orphan.ts'
import { releaseActions } from '../../../work/stuck/release-actions.ts'
import type { ByHandDeps, Result, RetryRequest, Step, Target } from './target.ts'

/**
 * @param item by which it was asked for; undefined when it is no longer kept
 * @param readers of the message
 */
export const releaseTarget = (
  release: ReleaseRow,
  item: Item | undefined,
  readers: readonly string[],
): Target => ({
  kind: 'release',
  id: release.heldId,
  itemId: item?.itemId ?? release.askedItem,
  reader: item?.reader,
  readers,
  whose: item?.recipient ?? null,
  retry: (deps, request) => retry(deps, release, item, request),
  drop: deps => drop(deps, release),
})

async function retry(
  deps: ByHandDeps,
  release: ReleaseRow,
  item: Item | undefined,
  request: RetryRequest,
): Promise<Step> {
  const ask = (outside: ByHandDeps) => askAgain(outside, release, item, request)
  const action = releaseActions(release, deps.clock()).retry
  switch (action) {
    case 'over':
    case 'in-hand':
      return { did: action }
    case 'make-due':
      return (await makeQueuedDue(deps.state, release, deps.clock())) ? { did: 'due' } : { did: 'in-hand' }
    case 'settle':
      return (await settleOrphan(deps, release)) === 'queued' ? { did: 'due' } : ask
    case 'ask':
      return ask
  }
}

async function askAgain(
  deps: ByHandDeps,
  release: ReleaseRow,
  item: Item | undefined,
  { by, again = true }: RetryRequest,
): Promise<Result> {
  if (!item) return { did: 'failed', code: 'MESSAGE_GONE' }
  const releaseRequest = {
    // Whoever had to approve of it did so before the first attempt.
    visitor: asApprovedFor(release.requestedBy),
    actor: by.actor,
    askedBy: release.askedBy,
    confirmed: true,
    again,
  } as const
  try {
    const { status, code } = await releaseMessage(deps, item, releaseRequest)
    if (status === 'released') return { did: release.state === 'failed' ? 'released' : 'released-again' }
    if (status === 'queued' || status === 'failed') return { did: status, code }
    return { did: 'over', code }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { did: 'failed', code: error.code }
  }
}

async function drop(deps: ByHandDeps, release: ReleaseRow): Promise<Result> {
  const action = releaseActions(release, deps.clock()).drop
  if (action !== 'drop') return { did: action }
  return (await dropQueued(deps.state, release, deps.clock())) ? { did: 'dropped' } : { did: 'in-hand' }
}

import { asReader } from '../../src/rules/reach/visitor.ts'
import { findItem } from '../../src/work/collect/items.ts'
import {
  type ReleaseDeps,
  type ReleaseMessageRequest,
  type ReleaseOutcome,
  releaseMessage,
} from '../../src/work/release/release-message.ts'

export interface ReleaseItemRequest extends Omit<ReleaseMessageRequest, 'visitor'> {
  readonly itemId: string
  /** The reader. */
  readonly requestedBy: string
}

/** Releases an item, given its id, with all permissions of its reader. */
export async function releaseItem(
  deps: ReleaseDeps,
  { itemId, requestedBy, ...request }: ReleaseItemRequest,
): Promise<ReleaseOutcome> {
  const item = await findItem(deps.state, itemId)
  if (!item) throw new Error(`there is no item ${itemId}`)
  return releaseMessage(deps, item, { ...request, visitor: asReader(requestedBy) })
}

import { type HeldRow, heldRowsOf } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Actor } from '../../ground/audit/record.ts'
import type { RequestTerms } from '../../ground/config/options/requests-options.ts'
import { CodedError } from '../../ground/errors.ts'
import { asApprovedFor } from '../../rules/reach/visitor.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { findItems, type Item } from '../collect/items.ts'
import { type ItemsOfHeldDeps, itemForViewer } from '../collect/items-of-held.ts'
import { findRelease } from '../release/claims.ts'
import { type ReleaseDeps, type ReleaseOutcome, releaseMessage } from '../release/release-message.ts'
import type { RequestRow } from './request-rows.ts'

export interface ReleaseApprovedDeps extends ReleaseDeps, ItemsOfHeldDeps {
  readonly requestTerms: RequestTerms
}

/**
 * Releases what an admin has approved of, for the reader who asked first: all readers of a recipient share its mailbox.
 * What fails here is made good by the sweep, or told to the readers.
 *
 * @param by who approved; the program, when it makes good what a crash left
 */
export async function releaseApproved(
  deps: ReleaseApprovedDeps,
  request: RequestRow,
  { actor }: { readonly actor: Actor },
): Promise<ReleaseOutcome> {
  try {
    const item = await itemOf(deps, request)
    if (!item) return { status: 'failed', code: 'MESSAGE_GONE' }
    return await releaseMessage(deps, item, {
      visitor: asApprovedFor(item.reader),
      actor,
      askedBy: request.decided?.by ?? actor.name,
      confirmed: true,
      again: await wasUncertainBefore(deps, request),
    })
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    // A database is away: the sweep takes it up.
    const isAway = error.code.startsWith('DATABASE_')
    return { status: isAway ? 'queued' : 'failed', code: error.code }
  }
}

async function itemOf(deps: ReleaseApprovedDeps, request: RequestRow): Promise<Item | undefined> {
  const items = await findItems(
    deps.state,
    request.asked.map(({ itemId }) => itemId),
  )
  const [item] = items
  if (item) return item
  const row = await rowOf(deps, request)
  return row && itemForViewer(deps, EVERYWHERE, row)
}

const rowOf = async (
  { storage }: ReleaseApprovedDeps,
  { mail, heldId }: RequestRow,
): Promise<HeldRow | undefined> => (await heldRowsOf(storage, mail)).find(row => heldIdOf(row) === heldId)

/** Another program asked, so that it is released for any of its readers. */
const EVERYWHERE = {
  as: 'admin',
  actor: { kind: 'program', name: 'requests', remoteAddress: null },
  reach: undefined,
  may: ['read', 'release'],
} as const

/** Whether its readers have asked again although a copy may have come of an earlier attempt. */
async function wasUncertainBefore({ state }: ReleaseApprovedDeps, request: RequestRow): Promise<boolean> {
  const release = await findRelease(state, request.heldId)
  return release?.state === 'uncertain' && (release.finishedAt ?? 0) < request.askedAt
}

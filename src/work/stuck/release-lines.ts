import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type ReleaseRow, releaseOf } from '../release/claims.ts'
import { findItemsOfReleases } from '../release/item-of-release.ts'
import { countOf } from './count.ts'
import type { Group } from './group.ts'
import { type ReleaseGroup, releasesInGroup } from './release-groups.ts'

/** A release as an admin sees it. */
export interface ReleaseLine extends Omit<ReleaseRow, 'heldId' | 'askedItem' | 'claimId' | 'askedBy'> {
  /** `heldId` of the release. */
  readonly itemId: string
  /** The id in amavisd's log; null when the item is no longer kept. */
  readonly mailId: string | null
  readonly recipient: string | null
}

/** Counts the releases of a group, and lists the newest. */
export async function releasesOf(
  state: Database<StateTables>,
  group: ReleaseGroup,
  now: number,
  limit: number | undefined,
): Promise<Group<ReleaseLine>> {
  const rows = releasesInGroup(state, group, now)
  const count = await countOf(state, rows.select('digest_release.state'))
  const found = await rows
    .selectAll('digest_release')
    .orderBy(group === 'queued' ? 'digest_release.next_attempt_at' : 'digest_release.requested_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  const releases = found.map(releaseOf)
  const items = await findItemsOfReleases(state, releases)
  return {
    count,
    lines: releases.map(({ heldId, askedItem: _, claimId: __, askedBy, ...release }) => {
      const item = items.get(heldId)
      return {
        itemId: heldId,
        ...release,
        requestedBy: askedBy,
        mailId: item?.mailId ?? null,
        recipient: item?.recipient ?? null,
      }
    }),
  }
}

import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type ReleaseRow, releaseOf } from '../release/claims.ts'
import { countOf } from './count.ts'
import type { Group } from './group.ts'
import { type ReleaseGroup, releasesInGroup } from './release-groups.ts'

/** A release as an admin sees it. */
export interface ReleaseLine extends Omit<ReleaseRow, 'claimId' | 'askedBy'> {
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
  const lines = await rows
    .leftJoin('digest_item', 'digest_item.item_id', 'digest_release.item_id')
    .selectAll('digest_release')
    .select(['digest_item.mail_id', 'digest_item.recipient'])
    .orderBy(group === 'queued' ? 'digest_release.next_attempt_at' : 'digest_release.requested_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  return {
    count,
    lines: lines.map(row => {
      const { claimId: _, askedBy, ...release } = releaseOf(row)
      return { ...release, requestedBy: askedBy, mailId: row.mail_id, recipient: row.recipient }
    }),
  }
}

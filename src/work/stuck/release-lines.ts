import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type ReleaseRow, releaseOf } from '../release/claims.ts'
import { FAILURES_SHOWN_FOR, type Group } from './group.ts'

/** A release as an admin sees it. */
export interface ReleaseLine extends Omit<ReleaseRow, 'claimId' | 'askedBy'> {
  /** The id in amavisd's log; null when the item is no longer kept. */
  readonly mailId: string | null
  readonly recipient: string | null
}

export type ReleaseGroup =
  /** amavisd is being asked. */
  | 'asking'
  /** amavisd will be asked again. */
  | 'queued'
  /** A copy may have been delivered: a person decides. */
  | 'uncertain'
  /** Failed within the last days. */
  | 'failed'

/** How many releases a group has, and the newest of them. */
export async function releasesOf(
  state: Database<StateTables>,
  group: ReleaseGroup,
  now: number,
  limit: number | undefined,
): Promise<Group<ReleaseLine>> {
  const rows = state.sql.selectFrom('digest_release').where(isReleaseOf(group, now))
  const { number } = await rows.select(({ fn }) => fn.countAll().as('number')).executeTakeFirstOrThrow()
  const lines = await rows
    .leftJoin('digest_item', 'digest_item.item_id', 'digest_release.item_id')
    .selectAll('digest_release')
    .select(['digest_item.mail_id', 'digest_item.recipient'])
    .orderBy(group === 'queued' ? 'digest_release.next_attempt_at' : 'digest_release.requested_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  return {
    count: Number(number),
    lines: lines.map(row => {
      const { claimId: _, askedBy, ...release } = releaseOf(row)
      return { ...release, requestedBy: askedBy, mailId: row.mail_id, recipient: row.recipient }
    }),
  }
}

type Where = ExpressionBuilder<StateTables, 'digest_release'>
type Condition = (row: Where) => ExpressionWrapper<StateTables, 'digest_release', SqlBool>

/** The condition for a release to be in a group. The groups are small: nearly all releases are `released`. */
export function isReleaseOf(group: ReleaseGroup, now: number): Condition {
  const stateIs = (row: Where, state: 'releasing' | 'queued' | 'uncertain' | 'failed') =>
    row('digest_release.state', '=', state)
  switch (group) {
    case 'asking':
      return row => stateIs(row, 'releasing')
    case 'queued':
      return row => stateIs(row, 'queued')
    case 'uncertain':
      return row => stateIs(row, 'uncertain')
    case 'failed':
      return row =>
        row.and([stateIs(row, 'failed'), row('digest_release.finished_at', '>=', now - FAILURES_SHOWN_FOR)])
  }
}

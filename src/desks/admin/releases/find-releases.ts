import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { heldIdOfItem, isReadBy } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReleaseState } from '../../../ground/state/states.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { withMail } from '../../../work/digest/make/candidates.ts'
import { type ReleaseRow, releaseOf } from '../../../work/release/claims.ts'
import { findItemsOfReleases } from '../../../work/release/item-of-release.ts'
import { type ReleaseOffers, releaseActions } from '../../../work/stuck/release-actions.ts'
import { boundedLimit, isAfterPosition, type PageRequest, pageByTime, positionOf } from '../listing/paging.ts'
import { matchesReader, oldestRead, type ReaderFilter, readerFilter } from '../listing/reader-filter.ts'

export interface FindReleasesDeps {
  readonly state: Database<StateTables>
  readonly storage: Kysely<AmavisTables>
  readonly clock: () => number
}

export interface ReleaseQuery extends PageRequest {
  /** The address, or `@domain`, of a reader of the message, whoever of its readers asked. */
  readonly reader?: string | undefined
  readonly state?: ReleaseState | undefined
  /** Only those requested since then, in milliseconds since the epoch. Default for a list of domains: 30 days ago. */
  readonly since?: number | undefined
}

/** A release, and the message that it is about. */
export interface ReleaseSummary extends Omit<ReleaseRow, 'claimId' | 'leaseUntil'> {
  /** Who asked, or for whom an admin asked. Null when the item is no longer kept. */
  readonly reader: string | null
  readonly recipient: string | null
  readonly mailId: string | null
  readonly digestId: string | null
  /** Undefined when amavis has removed it. Every string in it is hostile. */
  readonly mail: HeldMail | undefined
  readonly offers: ReleaseOffers
}

/** Lists releases, the latest request first. @throws CodedError REQUEST_INVALID, OUT_OF_REACH */
export async function findReleases(
  deps: FindReleasesDeps,
  reach: Reach,
  query: ReleaseQuery,
): Promise<Page<ReleaseSummary>> {
  const limit = boundedLimit(query.limit)
  const releases = (await rowsOf(deps, reach, query, limit + 1)).map(releaseOf)
  const { rows, next } = pageByTime(releases, limit, row => ({ at: row.requestedAt, id: row.heldId }))
  return { rows: await withMails(deps, rows), next }
}

async function withMails(
  { state, storage, clock }: FindReleasesDeps,
  releases: readonly ReleaseRow[],
): Promise<ReleaseSummary[]> {
  const now = clock()
  const items = await findItemsOfReleases(state, releases)
  const known = await withMail(storage, [...items.values()])
  const byId = new Map(known.map(candidate => [candidate.item.heldId, candidate]))
  return releases.map(release => {
    const { claimId: _, leaseUntil: __, ...shown } = release
    const { item, mail } = byId.get(release.heldId) ?? {}
    return {
      ...shown,
      reader: item?.reader ?? null,
      recipient: item?.recipient ?? null,
      mailId: item?.mailId ?? null,
      digestId: item?.digestId ?? null,
      mail,
      offers: releaseActions(release, now).offers,
    }
  })
}

function rowsOf({ state, clock }: FindReleasesDeps, reach: Reach, query: ReleaseQuery, limit: number) {
  const filter = readerFilter(reach, query.reader)
  const after = positionOf(query.after)
  const oldest = oldestRead(filter, query.since, clock())
  return state.sql
    .selectFrom('digest_release')
    .selectAll()
    .where(eb => isOfReaders(eb, filter))
    .$if(query.state !== undefined, rows => rows.where('digest_release.state', '=', query.state ?? 'failed'))
    .$if(oldest !== undefined, rows => rows.where('digest_release.requested_at', '>=', oldest ?? 0))
    .where(({ ref }) =>
      isAfterPosition(after, ref('digest_release.requested_at'), ref('digest_release.item_id')),
    )
    .orderBy('digest_release.requested_at', 'desc')
    .orderBy('digest_release.item_id', 'desc')
    .limit(limit)
    .execute()
}

/** The messages of one reader are found along an index. For those of a domain, the releases of a period are read. */
function isOfReaders(
  eb: ExpressionBuilder<StateTables, 'digest_release'>,
  filter: ReaderFilter,
): Expression<SqlBool> {
  const { reader, reach } = filter
  if (reader === undefined)
    return reach === undefined ? eb.and([]) : isReadBy(address => matchesReader(filter, address))
  const heldIds = eb
    .selectFrom('digest_item')
    .select(heldIdOfItem().as('held_id'))
    .where('digest_item.reader', '=', reader)
  return eb('digest_release.item_id', 'in', heldIds)
}

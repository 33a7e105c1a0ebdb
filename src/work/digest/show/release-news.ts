import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { HOUR } from '../../../ground/durations.ts'
import { askedItemOfRelease } from '../../../ground/state/item-and-release.ts'
import type { ReleaseTable, StateTables } from '../../../ground/state/state-tables.ts'
import { type Item, itemOf } from '../../collect/items.ts'
import { DROPPED } from '../../release/claims.ts'

/** A release that did not go as its reader may have expected. */
export interface FinishedRelease {
  readonly item: Item
  /** When the digest that listed it was made; undefined when none lists it. */
  readonly listedAt: number | undefined
  readonly what: ReleaseNews
  /** When it ended. */
  readonly at: number
}

export type ReleaseNews =
  /** Released long after it was asked for. */
  | 'late'
  /** amavisd, or the MTA behind it, refused it for good. */
  | 'refused'
  /** Given up, because amavisd or the MTA was away for too long. */
  | 'busy'
  /** It had left the quarantine. */
  | 'gone'
  /** An admin has dropped it. */
  | 'stopped'
  | 'uncertain'

/** The releases of these readers that ended after a time and failed, came late or are uncertain. */
export async function releaseNews(
  state: Pick<Database<StateTables>, 'sql'>,
  readers: readonly string[],
  after: number,
): Promise<FinishedRelease[]> {
  const found: FinishedRelease[] = []
  for (const chunk of chunks(readers)) {
    const rows = await findReleases(state, chunk, after)
    found.push(
      ...rows.map(row => ({
        item: itemOf(row),
        listedAt: row.listed_at === null ? undefined : Number(row.listed_at),
        what: newsOf(row),
        at: Number(row.finished_at),
      })),
    )
  }
  return found
}

/** A release that takes longer than this is late: a reader may notice. */
const LATE = HOUR

/** The most that one statement returns, the latest. A digest reports only a few, and few readers have any. */
const MOST = 1_000

/**
 * Releases that readers asked for themselves: of several readers of a message the one who asked first, or who asked again
 * after a failure. Uses the index `(requested_by, finished_at)`.
 */
const findReleases = (
  { sql }: Pick<Database<StateTables>, 'sql'>,
  readers: readonly string[],
  after: number,
) =>
  sql
    .selectFrom('digest_release as release')
    .innerJoin('digest_item as item', join => join.on('item.item_id', '=', askedItemOfRelease('release')))
    .leftJoin('digest_digest as digest', 'digest.digest_id', 'item.digest_id')
    .selectAll('item')
    .select(['release.state', 'release.code', 'release.reply', 'release.finished_at'])
    .select('digest.created_at as listed_at')
    .where('release.requested_by', 'in', readers)
    .where('release.finished_at', '>', after)
    .where(row =>
      row.or([
        row('release.asked_by', 'is', null),
        row('release.asked_by', '=', row.ref('release.requested_by')),
      ]),
    )
    .where(row =>
      row.or([
        row('release.state', 'in', ['failed', 'uncertain']),
        row.and([
          row('release.state', '=', 'released'),
          row(row('release.finished_at', '-', row.ref('release.requested_at')), '>', LATE),
        ]),
      ]),
    )
    .orderBy('release.finished_at', 'desc')
    .limit(MOST)
    .execute()

function newsOf({ state, code, reply }: Pick<ReleaseTable, 'state' | 'code' | 'reply'>): ReleaseNews {
  if (state === 'released') return 'late'
  if (state === 'uncertain') return 'uncertain'
  switch (code) {
    case 'AMAVISD_DEFERRED':
    case 'AMAVISD_UNREACHABLE':
      return 'busy'
    case 'MESSAGE_GONE':
      return 'gone'
    case DROPPED.code:
      return reply === DROPPED.reply ? 'stopped' : 'refused'
    default:
      return 'refused'
  }
}

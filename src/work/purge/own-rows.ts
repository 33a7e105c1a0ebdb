import { sql as raw, type SelectQueryBuilder } from 'kysely'
import type { Retention } from '../../ground/amavis/retention.ts'
import { thenRest } from '../../ground/concurrency/then-rest.ts'
import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import { longestLifetime } from '../../ground/links/urls.ts'
import { heldIdOfItem } from '../../ground/state/item-and-release.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { goesOn, type Pass } from './pass.ts'

export interface OwnRowsDeps {
  readonly state: Database<StateTables>
  readonly retention: Retention
  /** How long a link works, in milliseconds. */
  readonly lifetime: number
}

/**
 * Deletes rows of our own tables about mail that is gone: no link leads to them any more. They are kept for as long as
 * the mail and then a link, and digests for at least as long as their readers can unsubscribe by them.
 */
export async function purgeOwnRows(pass: Pass): Promise<void> {
  for (const rows of expiredRows(pass, pass.now)) {
    if (pass.hand.isDeleting) await deleteInBatches(pass, rows)
    else pass.found.own += await rows.count()
  }
}

/** Deletes the same rows where somebody else purges amavis's tables. @param now milliseconds since the epoch */
export async function tidyOwnRows(deps: OwnRowsDeps, now: number): Promise<void> {
  for (const rows of expiredRows(deps, now)) while ((await deleteBatch(deps, rows)) === BATCH);
}

const expiredRows = (deps: OwnRowsDeps, now: number): readonly ExpiredRows[] => [
  expiredItems(deps, now),
  expiredReleases(deps, now),
  expiredDeletions(deps, now),
  expiredLessons(deps, now),
  expiredDigests(deps, now),
]

interface ExpiredRows {
  readonly table: 'digest_item' | 'digest_release' | 'digest_deletion' | 'digest_lesson' | 'digest_digest'
  readonly key: 'item_id' | 'held_id' | 'digest_id'
  keys(limit: number): Promise<string[]>
  count(): Promise<number>
}

async function deleteInBatches(pass: Pass, rows: ExpiredRows): Promise<void> {
  while (await goesOn(pass)) {
    const deleted = await thenRest(pass, () => deleteBatch(pass, rows))
    pass.found.own += deleted
    if (deleted < BATCH) return
  }
}

const BATCH = 500

async function deleteBatch(
  { state: { sql } }: OwnRowsDeps,
  { table, key, keys }: ExpiredRows,
): Promise<number> {
  const expired = await keys(BATCH)
  if (expired.length === 0) return 0
  await sql
    .deleteFrom(table as 'digest_item')
    .where(sql.dynamic.ref(key), 'in', expired)
    .execute()
  return expired.length
}

function expiredItems(deps: OwnRowsDeps, now: number): ExpiredRows {
  const before = endOfUse(deps, now)
  const query = deps.state.sql
    .selectFrom('digest_item')
    .leftJoin('digest_release', join => join.on('digest_release.item_id', '=', heldIdOfItem()))
    .select('digest_item.item_id as key')
    .where('digest_item.mail_at', '<', before)
    // A wrong clock may have written the time of the mail.
    .where('digest_item.collected_at', '<', before)
    // The retention or the lifetime of links may have been longer.
    .where(row => row.or([row('promised_until', 'is', null), row('promised_until', '<', now - MARGIN)]))
    .where(row =>
      row.or([
        row('digest_release.state', 'is', null),
        row('digest_release.state', 'not in', ['releasing', 'queued']),
      ]),
    )
  return { table: 'digest_item', key: 'item_id', ...read(deps, query) }
}

function expiredReleases(deps: OwnRowsDeps, now: number): ExpiredRows {
  const query = deps.state.sql
    .selectFrom('digest_release')
    .select('item_id as key')
    .where('requested_at', '<', endOfUse(deps, now))
    .where('state', 'not in', ['releasing', 'queued'])
    // What is still to be recorded in `msgrcpt.rs`.
    .where('next_attempt_at', 'is', null)
  return { table: 'digest_release', key: 'item_id', ...read(deps, query) }
}

/** The mail was deleted later than it came: it is gone, and cannot be restored. */
function expiredDeletions(deps: OwnRowsDeps, now: number): ExpiredRows {
  const query = deps.state.sql
    .selectFrom('digest_deletion')
    .select('held_id as key')
    .where('deleted_at', '<', endOfUse(deps, now))
  return { table: 'digest_deletion', key: 'held_id', ...read(deps, query) }
}

/** The mail was taught later than it came. Along `digest_lesson_at`. */
function expiredLessons(deps: OwnRowsDeps, now: number): ExpiredRows {
  const query = deps.state.sql
    .selectFrom('digest_lesson')
    .select('held_id as key')
    .where('at', '<', endOfUse(deps, now))
  return { table: 'digest_lesson', key: 'held_id', ...read(deps, query) }
}

function expiredDigests(deps: OwnRowsDeps, now: number): ExpiredRows {
  const unsubscribable = now - longestLifetime(deps.lifetime) - MARGIN
  const query = deps.state.sql
    .selectFrom('digest_digest')
    .select('digest_id as key')
    .where('created_at', '<', Math.min(endOfUse(deps, now), unsubscribable))
    .where('state', '!=', 'pending')
    .where(
      raw<boolean>`not exists (select 1 from digest_item where digest_item.digest_id = digest_digest.digest_id)`,
    )
  return { table: 'digest_digest', key: 'digest_id', ...read(deps, query) }
}

/** What is about older mail, nobody needs any more, in milliseconds since the epoch. */
export const endOfUse = ({ retention, lifetime }: OwnRowsDeps, now: number): number =>
  now - retention.longest - lifetime - MARGIN

/** For clocks that differ. */
const MARGIN = DAY

const read = <DB, TB extends keyof DB>(
  { state: { sql } }: OwnRowsDeps,
  query: SelectQueryBuilder<DB, TB, { key: string }>,
): Pick<ExpiredRows, 'keys' | 'count'> => ({
  keys: async limit => (await query.limit(limit).execute()).map(({ key }) => key),
  count: async () => {
    const { rows } = await raw<{
      found: number
    }>`select count(*) as found from (${query}) as expired`.execute(sql)
    return Number(rows[0]?.found ?? 0)
  },
})

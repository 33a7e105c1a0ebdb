import { sql as raw, type SelectQueryBuilder } from 'kysely'
import { DAY } from '../../ground/durations.ts'
import { longestLifetime } from '../../ground/links/urls.ts'
import { heldIdOfItem } from '../../ground/state/item-and-release.ts'
import { goesOn, type Pass, thenRest } from './pass.ts'

/**
 * Deletes rows of our own tables about mail that is gone: no link leads to them any more. They are kept for as long as
 * the mail and then a link, and digests for at least as long as their readers can unsubscribe by them.
 */
export async function purgeOwnRows(pass: Pass): Promise<void> {
  for (const rows of [
    expiredItems(pass),
    expiredReleases(pass),
    expiredRemovals(pass),
    expiredDigests(pass),
  ]) {
    if (pass.hand.isDeleting) await deleteInBatches(pass, rows)
    else pass.found.own += await rows.count()
  }
}

interface ExpiredRows {
  readonly table: 'digest_item' | 'digest_release' | 'digest_removal' | 'digest_digest'
  readonly key: 'item_id' | 'held_id' | 'digest_id'
  keys(limit: number): Promise<string[]>
  count(): Promise<number>
}

async function deleteInBatches(pass: Pass, rows: ExpiredRows): Promise<void> {
  while (await goesOn(pass)) {
    const deleted = await thenRest(pass, async () => {
      const keys = await rows.keys(BATCH)
      if (keys.length > 0) await deleteRows(pass, rows, keys)
      return keys.length
    })
    pass.found.own += deleted
    if (deleted < BATCH) return
  }
}

const BATCH = 500

async function deleteRows({ state: { sql } }: Pass, { table, key }: ExpiredRows, keys: readonly string[]) {
  await sql
    .deleteFrom(table as 'digest_item')
    .where(sql.dynamic.ref(key), 'in', keys)
    .execute()
}

function expiredItems(pass: Pass): ExpiredRows {
  const before = endOfUse(pass)
  const query = pass.state.sql
    .selectFrom('digest_item')
    .leftJoin('digest_release', join => join.on('digest_release.item_id', '=', heldIdOfItem()))
    .select('digest_item.item_id as key')
    .where('digest_item.mail_at', '<', before)
    // A wrong clock may have written the time of the mail.
    .where('digest_item.collected_at', '<', before)
    .where(row =>
      row.or([
        row('digest_release.state', 'is', null),
        row('digest_release.state', 'not in', ['releasing', 'queued']),
      ]),
    )
  return { table: 'digest_item', key: 'item_id', ...read(pass, query) }
}

function expiredReleases(pass: Pass): ExpiredRows {
  const query = pass.state.sql
    .selectFrom('digest_release')
    .select('item_id as key')
    .where('requested_at', '<', endOfUse(pass))
    .where('state', 'not in', ['releasing', 'queued'])
    // What is still to be recorded in `msgrcpt.rs`.
    .where('next_attempt_at', 'is', null)
  return { table: 'digest_release', key: 'item_id', ...read(pass, query) }
}

/** The mail was deleted later than it came: it is gone, and cannot be restored. */
function expiredRemovals(pass: Pass): ExpiredRows {
  const query = pass.state.sql
    .selectFrom('digest_removal')
    .select('held_id as key')
    .where('removed_at', '<', endOfUse(pass))
  return { table: 'digest_removal', key: 'held_id', ...read(pass, query) }
}

function expiredDigests(pass: Pass): ExpiredRows {
  const unsubscribable = pass.now - longestLifetime(pass.lifetime) - MARGIN
  const query = pass.state.sql
    .selectFrom('digest_digest')
    .select('digest_id as key')
    .where('created_at', '<', Math.min(endOfUse(pass), unsubscribable))
    .where('state', '!=', 'pending')
    .where(
      raw<boolean>`not exists (select 1 from digest_item where digest_item.digest_id = digest_digest.digest_id)`,
    )
  return { table: 'digest_digest', key: 'digest_id', ...read(pass, query) }
}

/** What is about older mail, nobody needs any more, in milliseconds since the epoch. */
const endOfUse = ({ retention, lifetime, now }: Pass): number => now - retention.longest - lifetime - MARGIN

/** For clocks that differ. */
const MARGIN = DAY

const read = <DB, TB extends keyof DB>(
  { state: { sql } }: Pass,
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

import { type RawBuilder, sql as raw } from 'kysely'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { releasableUntil, type UrlSettings } from '../../../ground/links/urls.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Item } from '../../collect/items.ts'
import { MOST_ITEMS } from './candidates.ts'

/** What a link promises comes from these settings. */
export type PromiseLimits = Pick<UrlSettings, 'lifetime' | 'retention'>

/** An item, and when the digest was made that lists it, in milliseconds since the epoch. */
export interface Listing {
  readonly item: Item
  readonly listedAt: number
}

/**
 * What an UPDATE of these items writes to `promised_until`: what links to them promise. A later time that an earlier mail
 * promises stays. In SQL, because most items of a digest have the same time, and one statement writes many digests.
 *
 * @param listings at least one
 */
export function promisedUntil(limits: PromiseLimits, listings: readonly Listing[]): RawBuilder<number> {
  const times = listings.map(({ item, listedAt }) => ({
    itemId: item.itemId,
    until: releasableUntil(limits, item, listedAt),
  }))
  const usual = Math.max(...times.map(({ until }) => until))
  const others = times.filter(({ until }) => until !== usual)
  const arms = others.map(({ itemId, until }) => raw`when ${itemId} then ${raw.lit(until)}`)
  const until =
    arms.length === 0
      ? raw.lit(usual)
      : raw`case item_id ${raw.join(arms, raw` `)} else ${raw.lit(usual)} end`
  return raw<number>`case when promised_until > ${until} then promised_until else ${until} end`
}

/**
 * Splits items for an UPDATE each. The server looks through the times of other items for each row, so that many of them
 * take small pieces.
 */
export function promisedTogether(
  limits: PromiseLimits,
  listings: readonly Listing[],
): Iterable<readonly Listing[]> {
  const times = new Set(listings.map(({ item, listedAt }) => releasableUntil(limits, item, listedAt)))
  return chunks(listings, times.size > MOST_TIMES ? MOST_TIMES : MOST_ITEMS)
}

const MOST_TIMES = 500

/**
 * Before links are mailed: notes what they promise beyond what was noted when the items were claimed, because the
 * configuration has changed since, or an older version has claimed them. Mostly there is nothing to do.
 */
export async function keepPromises(
  state: Database<StateTables>,
  limits: PromiseLimits,
  listings: readonly Listing[],
): Promise<void> {
  const more = listings.filter(
    ({ item, listedAt }) => releasableUntil(limits, item, listedAt) > (item.promisedUntil ?? 0),
  )
  for (const chunk of promisedTogether(limits, more))
    await state.sql
      .updateTable('digest_item')
      .set({ promised_until: promisedUntil(limits, chunk) })
      .where(
        'item_id',
        'in',
        chunk.map(({ item }) => item.itemId),
      )
      .execute()
}

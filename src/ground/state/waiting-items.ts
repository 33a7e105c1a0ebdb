import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/**
 * `digest_id` of an item that no digest lists: it was made because somebody released its message by hand, after the time
 * at which it would have been collected; or an admin has refused its message to the reader who had asked for it.
 */
export const BY_HAND = 'by-hand'

/**
 * `digest_id` of an item whose reader wants no mail of blocked senders in digests. It waits again when that setting
 * changes.
 */
export const LEFT_OUT = 'left-out'

/** The items that no digest lists yet; the index `(digest_id, reader)` serves this query. */
export const waitingItems = ({ sql }: Pick<Database<StateTables>, 'sql'>) =>
  sql.selectFrom('digest_item').where('digest_id', 'is', null)

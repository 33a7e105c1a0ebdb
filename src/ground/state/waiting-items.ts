import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** The items that no digest lists yet; the index `(digest_id, reader)` serves this query. */
export const waitingItems = ({ sql }: Pick<Database<StateTables>, 'sql'>) =>
  sql.selectFrom('digest_item').where('digest_id', 'is', null)

import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** The digests that are to be sent by a time, in whosever hands they are. */
export const digestsDueBy = ({ sql }: Pick<Database<StateTables>, 'sql'>, time: number) =>
  sql.selectFrom('digest_digest').where('state', '=', 'pending').where('next_attempt_at', '<=', time)

import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** The digests that are due by a given time, whether or not a process has leased them. */
export const digestsDueBy = ({ sql }: Pick<Database<StateTables>, 'sql'>, time: number) =>
  sql.selectFrom('digest_digest').where('state', '=', 'pending').where('next_attempt_at', '<=', time)

import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** The last digest of each of these readers, in whichever state it is. */
export const lastDigestsOf = ({ sql }: Pick<Database<StateTables>, 'sql'>, readers: readonly string[]) =>
  sql
    .selectFrom('digest_digest')
    .innerJoin(
      query =>
        query
          .selectFrom('digest_digest')
          .select(({ fn }) => ['reader', fn.max('created_at').as('at')])
          .where('reader', 'in', readers)
          .groupBy('reader')
          .as('last'),
      join =>
        join
          .onRef('digest_digest.reader', '=', 'last.reader')
          .onRef('digest_digest.created_at', '=', 'last.at'),
    )
    // A copy is as old as its digest. Left out here, where it costs the sub-query no index.
    .where('digest_digest.copy_of', 'is', null)

import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { StateTables } from './state-tables.ts'

/** Of what processes lease: digests and runs. */
const row = expressionBuilder<StateTables, 'digest_digest' | 'digest_run'>()

/** In nobody's living hands: nobody has leased it, or the lease has run out. */
export const isFree = (now: number): Expression<SqlBool> =>
  row.or([row('lease_until', 'is', null), row('lease_until', '<=', now)])

/** In the hands of a living process. */
export const isLeased = (now: number): Expression<SqlBool> => row('lease_until', '>', now)

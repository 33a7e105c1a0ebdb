import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { StateTables } from './state-tables.ts'

/** A row that processes lease: a digest or a run. */
const row = expressionBuilder<StateTables, 'digest_digest' | 'digest_run'>()

/** Nobody has leased it, or the lease has expired. */
export const isFree = (now: number): Expression<SqlBool> =>
  row.or([row('lease_until', 'is', null), row('lease_until', '<=', now)])

/** A process has leased it, and the lease has not expired. */
export const isLeased = (now: number): Expression<SqlBool> => row('lease_until', '>', now)

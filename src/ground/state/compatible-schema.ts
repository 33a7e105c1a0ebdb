import type { Database } from '../database/database.ts'
import { readValue, writeValue } from './named-values.ts'
import type { StateTables } from './state-tables.ts'

/**
 * The number of the migration that a program must know at least to work with these tables, as the latest one set it.
 */
export const readOldestCompatible = (state: Database<StateTables>): Promise<number | undefined> =>
  readValue(state, NAME)

/** @param state the migration's own transaction, if the database has transactions for schema changes */
export const writeOldestCompatible = (
  state: Pick<Database<StateTables>, 'sql' | 'dialect'>,
  value: number,
): Promise<void> => writeValue(state, NAME, value)

const NAME = 'oldest-compatible-schema'

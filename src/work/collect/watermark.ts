import type { Database } from '../../ground/database/database.ts'
import { readValue, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** The time up to which held mail has been collected, in milliseconds; undefined before the first collecting. */
export const readWatermark = (state: Database<StateTables>): Promise<number | undefined> =>
  readValue(state, NAME)

/** Stores the time up to which held mail has been collected. */
export const writeWatermark = (state: Database<StateTables>, value: number): Promise<void> =>
  writeValue(state, NAME, value)

const NAME = 'collected-until'

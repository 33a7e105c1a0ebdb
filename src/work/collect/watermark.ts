import { createHash } from 'node:crypto'
import type { HeldMailFilter } from '../../ground/amavis/held-mail-between.ts'
import type { Database } from '../../ground/database/database.ts'
import { readValue, valuesUnder, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** The time up to which held mail has been collected, in milliseconds; undefined before the first collecting. */
export const readWatermark = (state: Database<StateTables>): Promise<number | undefined> =>
  readValue(state, NAME)

/** Stores the time up to which held mail has been collected. */
export const writeWatermark = (state: Database<StateTables>, value: number): Promise<void> =>
  writeValue(state, NAME, value)

const NAME = 'collected-until'

/**
 * The time since which all mail that passes this filter was collected, in milliseconds. Undefined where no collecting
 * has ended with this filter: mail that it lets pass and the former one did not is in no digest, and rightly so.
 */
export const readCollectedSince = (
  state: Database<StateTables>,
  filter: HeldMailFilter,
): Promise<number | undefined> => readValue(state, sinceBy(filter))

/** Stores that time. There is one such value: that of another filter is forgotten. */
export async function writeCollectedSince(
  state: Database<StateTables>,
  filter: HeldMailFilter,
  value: number,
): Promise<void> {
  const rows = await valuesUnder(state, SINCE).select('name').execute()
  const others = rows.map(({ name }) => name).filter(name => name !== sinceBy(filter))
  if (others.length > 0) await state.sql.deleteFrom('digest_watermark').where('name', 'in', others).execute()
  await writeValue(state, sinceBy(filter), value)
}

const sinceBy = ({ localOnly, excludedKinds, byDomain }: HeldMailFilter): string =>
  `${SINCE}${createHash('sha256')
    .update(JSON.stringify([localOnly, excludedKinds.toSorted(), ...(byDomain ? [byDomain.text] : [])]))
    .digest('base64url')
    .slice(0, 12)}`

const SINCE = 'collected-since/'

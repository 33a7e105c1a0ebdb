import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import { inTurn } from '../../ground/state/in-turn.ts'
import { readValue, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** That one process purges, so that two do not get in each other's way. Two at once would delete nothing wrong. */
export interface Lease {
  /** @returns false when the lease was lost, because the process was suspended and another one has begun */
  renew(): Promise<boolean>
  end(): Promise<void>
}

/** @returns undefined while another process has it */
export async function takeLease(
  state: Database<StateTables>,
  clock: () => number,
): Promise<Lease | undefined> {
  const taken = await inTurn(state, 'purging', async sql => {
    const now = clock()
    const until = await readValue({ sql }, NAME)
    // A time that is far ahead was written by a wrong clock.
    if (until !== undefined && until > now && until <= now + 2 * LENGTH) return undefined
    await writeValue({ sql, dialect: state.dialect }, NAME, now + LENGTH)
    return now + LENGTH
  })
  if (taken === undefined) return undefined
  let until = taken
  const own = () =>
    state.sql.updateTable('digest_watermark').where('name', '=', NAME).where('value', '=', until)
  return {
    renew: async () => {
      const next = Math.max(clock() + LENGTH, until + 1)
      const { numUpdatedRows } = await own().set({ value: next }).executeTakeFirst()
      if (numUpdatedRows !== 1n) return false
      until = next
      return true
    },
    end: async () => {
      await own().set({ value: 0 }).execute()
    },
  }
}

/** Until when a process has the lease, in milliseconds since the epoch; undefined: none has. */
export const leasedUntil = async (state: Database<StateTables>): Promise<number | undefined> =>
  (await readValue(state, NAME)) || undefined

const NAME = 'purging-until'

/** Longer than a transaction and the rest after it, in milliseconds. */
const LENGTH = 30 * SECOND

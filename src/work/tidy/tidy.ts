import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

export interface TidyDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** Deletes from our own tables what has served its time. Any number of processes may do so at once. */
export async function tidy({ state, clock }: TidyDeps): Promise<void> {
  const now = clock()
  for (const { table, key, time, keptFor } of SHORT_LIVED) {
    await inBatches(() => deleteSome(state, { table, key, time, before: now - keptFor }))
  }
}

/** What is kept for a while after its end is counted by those who limit how often somebody may ask. */
const SHORT_LIVED = [
  { table: 'digest_click', key: 'click_id', time: 'at', keptFor: 90 * DAY },
  { table: 'digest_sign_in', key: 'token_hash', time: 'expires_at', keptFor: DAY },
  { table: 'digest_session', key: 'session_hash', time: 'expires_at', keptFor: DAY },
  { table: 'digest_destination', key: 'request_id', time: 'expires_at', keptFor: 7 * DAY },
] as const

/** Rows of one transaction: it holds up nobody. */
const BATCH = 500

async function inBatches(work: () => Promise<number>): Promise<void> {
  while ((await work()) === BATCH);
}

interface Old {
  readonly table: (typeof SHORT_LIVED)[number]['table']
  readonly key: (typeof SHORT_LIVED)[number]['key']
  readonly time: (typeof SHORT_LIVED)[number]['time']
  /** Milliseconds since the epoch. */
  readonly before: number
}

async function deleteSome({ sql }: Database<StateTables>, old: Old): Promise<number> {
  const { ref } = sql.dynamic
  const rows = await sql
    .selectFrom(old.table as 'digest_click')
    .select(ref<'click_id'>(old.key))
    .where(ref(old.time), '<', old.before)
    .orderBy(ref(old.time))
    .limit(BATCH)
    .execute()
  const keys = rows.map(row => Object.values(row)[0] as string)
  if (keys.length === 0) return 0
  await sql
    .deleteFrom(old.table as 'digest_click')
    .where(ref(old.key), 'in', keys)
    .execute()
  return keys.length
}

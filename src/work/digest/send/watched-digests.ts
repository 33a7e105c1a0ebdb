import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { digestsDueBy } from '../../../ground/state/pending-digests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DueDigests } from './due-digests.ts'
import { HELD_BACK_FOR } from './hold-back.ts'

/** The ids of the digests that are due, in whoever's hands they are; without copies. */
export async function dueDigestIds(
  state: Database<StateTables>,
  { dueAt, readers }: DueDigests,
): Promise<string[]> {
  const rows = await digestsDueBy(state, dueAt)
    .select('digest_id')
    .where('copy_of', 'is', null)
    .$if(readers !== undefined, query => query.where('reader', 'in', readers ?? []))
    .execute()
  return rows.map(row => row.digest_id)
}

/** The ids of the digests that a run has made, without copies, even if another process has sent them already. */
export async function digestIdsOfRun({ sql }: Database<StateTables>, runId: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('run_id', '=', runId)
    .where('copy_of', 'is', null)
    .execute()
  return rows.map(row => row.digest_id)
}

/** What other processes have done with digests: how many. */
export interface OutcomesElsewhere {
  readonly sent: number
  readonly failed: number
  /** To be tried again later. */
  readonly putOff: number
  /** Left for later without an attempt, because amavisd cannot be asked to release. */
  readonly heldBack: number
  /** Leased, and not sent yet. */
  readonly onTheirWay: number
}

/** @param dueAt until when they were due: a digest that is due later was put off */
export async function outcomesOf(
  { sql }: Database<StateTables>,
  digestIds: Iterable<string>,
  dueAt: number,
): Promise<OutcomesElsewhere> {
  const outcomes = { sent: 0, failed: 0, putOff: 0, heldBack: 0, onTheirWay: 0 }
  for (const chunk of chunks([...digestIds])) {
    const rows = await sql
      .selectFrom('digest_digest')
      .select(['state', 'next_attempt_at', 'lease_owner', 'reply'])
      .where('digest_id', 'in', chunk)
      .execute()
    for (const { state, next_attempt_at, lease_owner, reply } of rows) {
      if (state === 'sent') outcomes.sent += 1
      if (state === 'failed') outcomes.failed += 1
      if (state !== 'pending') continue
      if (lease_owner !== null) outcomes.onTheirWay += 1
      else if (Number(next_attempt_at) <= dueAt) continue
      else if (reply?.startsWith(HELD_BACK_FOR)) outcomes.heldBack += 1
      else outcomes.putOff += 1
    }
  }
  return outcomes
}

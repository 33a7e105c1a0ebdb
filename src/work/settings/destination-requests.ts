import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

export interface DestinationRequest {
  readonly requestId: string
  readonly reader: string
  readonly deliverTo: string
  /** Where the digests went at the time of the request. It is valid only while they still go there. */
  readonly movesFrom: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** This request, or another one of the reader, was confirmed. */
  readonly isOver: boolean
}

/** Stores a request and deletes the reader's old ones. */
export async function insertRequest(
  state: Database<StateTables>,
  request: DestinationRequest,
  now: number,
): Promise<void> {
  await state.sql
    .deleteFrom('digest_destination')
    .where('reader', '=', request.reader)
    .where('requested_at', '<', now - KEPT)
    .execute()
  await state.sql
    .insertInto('digest_destination')
    .values({
      request_id: request.requestId,
      reader: request.reader,
      deliver_to: request.deliverTo,
      moves_from: request.movesFrom,
      requested_at: now,
      expires_at: request.expiresAt,
      used_at: null,
    })
    .execute()
}

/** Longer than the lifetime of a link, so that a late click can be told why the link no longer works. */
const KEPT = 7 * DAY

export async function countRequests(
  state: Database<StateTables>,
  reader: string,
  since: number,
  until: number,
): Promise<number> {
  const row = await state.sql
    .selectFrom('digest_destination')
    .select(count => count.fn.countAll().as('requests'))
    .where('reader', '=', reader)
    .where('requested_at', '>', since)
    .where('requested_at', '<=', until)
    .executeTakeFirstOrThrow()
  return Number(row.requests)
}

export async function findRequest(
  state: Database<StateTables>,
  requestId: string,
): Promise<DestinationRequest | undefined> {
  const row = await state.sql
    .selectFrom('digest_destination')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirst()
  return (
    row && {
      requestId: row.request_id,
      reader: row.reader,
      deliverTo: row.deliver_to,
      movesFrom: row.moves_from,
      expiresAt: Number(row.expires_at),
      isOver: row.used_at !== null,
    }
  )
}

/** @returns false when the request was over already; of two simultaneous confirmations, only one succeeds */
export async function claimRequest(
  state: Database<StateTables>,
  requestId: string,
  now: number,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_destination')
    .set({ used_at: now })
    .where('request_id', '=', requestId)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Ends the open requests of these readers, so that their links no longer work. */
export async function endRequests(
  state: Database<StateTables>,
  readers: readonly string[],
  now: number,
): Promise<void> {
  for (const chunk of chunks(readers)) {
    await state.sql
      .updateTable('digest_destination')
      .set({ used_at: now })
      .where('reader', 'in', chunk)
      .where('used_at', 'is', null)
      .execute()
  }
}

export async function removeRequest(state: Database<StateTables>, requestId: string): Promise<void> {
  await state.sql.deleteFrom('digest_destination').where('request_id', '=', requestId).execute()
}

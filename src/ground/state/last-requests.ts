import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/**
 * The state of the last request for each of these held messages: a `RequestState` of `work/requests/request.ts`.
 *
 * @returns by `held_id`; without the messages that nobody has asked for
 */
export async function lastRequestStates(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  heldIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const chunk of chunks([...new Set(heldIds)])) {
    const rows = await sql
      .selectFrom('digest_request')
      .select(['held_id', 'state'])
      .where('held_id', 'in', chunk)
      .orderBy('asked_at')
      .orderBy('request_id')
      .execute()
    for (const row of rows) found.set(row.held_id, row.state)
  }
  return found
}

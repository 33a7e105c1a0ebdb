import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { heldIdOf } from './item-id.ts'

/**
 * Those of these messages that have no item yet, under whichever reader. Nobody has to ask whose the others are. Two
 * statements for some thousand rows, each along an index of its own.
 */
export async function newMessages(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  rows: readonly HeldMailRow[],
): Promise<HeldMailRow[]> {
  const fresh: HeldMailRow[] = []
  for (const chunk of chunks(rows, AT_ONCE)) {
    const ids = chunk.map(heldIdOf)
    const own = await sql.selectFrom('digest_item').select('item_id').where('item_id', 'in', ids).execute()
    const known = new Set<string | null>(own.map(row => row.item_id))
    const others = ids.filter(id => !known.has(id))
    if (others.length === 0) continue
    const shared = await sql
      .selectFrom('digest_item')
      .select('held_id')
      .distinct()
      .where('held_id', 'in', others)
      .execute()
    for (const row of shared) known.add(row.held_id)
    fresh.push(...chunk.filter((_, index) => !known.has(ids[index] ?? null)))
  }
  return fresh
}

const AT_ONCE = 5000

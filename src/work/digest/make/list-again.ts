import type { Retention } from '../../../ground/amavis/retention.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { heldIdOfItem } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

export interface ListAgainDeps {
  readonly state: Database<StateTables>
  /** How long a link of a digest works, in milliseconds. */
  readonly lifetime: number
  readonly retention: Retention
}

/**
 * Lets a reader's next digest list once more what the quarantine still keeps and only expired links could release.
 * Messages that were released, or are about to be, whoever of their readers asked, stay with the digest that listed them.
 */
export async function listAgain(
  { state, lifetime, retention }: ListAgainDeps,
  reader: string,
  now: number,
): Promise<void> {
  const expired = await state.sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('reader', '=', reader)
    .where('state', '=', 'sent')
    .where('copy_of', 'is', null)
    .where('created_at', '<=', now - lifetime)
    .where('created_at', '>', now - lifetime - retention.longest)
    .orderBy('created_at', 'desc')
    .limit(MOST_DIGESTS)
    .execute()
  if (expired.length === 0) return
  const ids = expired.map(row => row.digest_id)
  const items = await state.sql
    .selectFrom('digest_item')
    .leftJoin('digest_release', join => join.on('digest_release.item_id', '=', heldIdOfItem()))
    .select('digest_item.item_id')
    .where('digest_item.digest_id', 'in', ids)
    .where('digest_item.reader', '=', reader)
    // A wrong clock may have written `mail_at`. What the quarantine no longer keeps is dropped by the run.
    .where('digest_item.collected_at', '>', now - retention.longest)
    .where(row =>
      row.or([
        row('digest_release.state', 'is', null),
        row('digest_release.state', 'not in', ['released', 'queued', 'releasing']),
      ]),
    )
    .execute()
  for (const chunk of chunks(items)) {
    await state.sql
      .updateTable('digest_item')
      .set({ digest_id: null })
      .where(
        'item_id',
        'in',
        chunk.map(row => row.item_id),
      )
      .where('digest_id', 'in', ids)
      .execute()
  }
}

/** One each hour for eight days. */
const MOST_DIGESTS = 200

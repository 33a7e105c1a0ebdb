import type { Transaction } from 'kysely'
import { chunks } from '../../../ground/database/chunks.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { LEFT_OUT } from '../../../ground/state/waiting-items.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { Item } from '../../collect/items.ts'
import { type Candidate, MOST_ITEMS } from './candidates.ts'

/** Whether a reader's digests leave a message out, because its sender is on a block list and the reader wants it so. */
export const isLeftOut = (
  { mail }: Pick<Candidate, 'mail'>,
  settings: Pick<ReaderSettings, 'leaveOutBlocked'> | undefined,
): boolean => settings?.leaveOutBlocked === true && mail?.because.detail === 'blockListed'

/** Marks items that are left out: they wait no longer, and stay in the quarantine's pages. */
export async function leaveOut(transaction: Transaction<StateTables>, items: readonly Item[]): Promise<void> {
  for (const chunk of chunks(items, MOST_ITEMS)) {
    await transaction
      .updateTable('digest_item')
      .set({ digest_id: LEFT_OUT })
      .where(
        'item_id',
        'in',
        chunk.map(item => item.itemId),
      )
      .where('digest_id', 'is', null)
      .execute()
  }
}

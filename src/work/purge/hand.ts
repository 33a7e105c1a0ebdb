import type { MessageKey } from '../../ground/amavis/messages-of-sender.ts'
import { type AddressPage, deleteAddresses } from '../../ground/amavis/purge/addresses.ts'
import {
  countParts,
  type DeletedRows,
  deleteMessages,
  deleteOrphans,
  type PartsTable,
} from '../../ground/amavis/purge/delete-messages.ts'
import { countRecipients, countSenders, namingRows } from '../../ground/amavis/purge/naming-rows.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'

/** What is done with the rows that a pass finds. All functions resolve to how many there were. */
export interface Hand {
  /** Whether rows are deleted, and not only counted. */
  readonly isDeleting: boolean
  messages(keys: readonly MessageKey[]): Promise<DeletedRows>
  orphans(table: PartsTable, keys: readonly MessageKey[]): Promise<number>
  /** Those that no message names, once the messages are gone. */
  addresses(page: Pick<AddressPage, 'unused' | 'used'>): Promise<number>
}

/** Deletes them. */
export const deletingHand = (storage: Database<AmavisTables>): Hand => ({
  isDeleting: true,
  messages: keys => deleteMessages(storage, keys),
  orphans: (table, keys) => deleteOrphans(storage, table, keys),
  addresses: async ({ unused }) => (unused.length > 0 ? deleteAddresses(storage, unused) : 0),
})

/** Counts them and leaves them where they are. It remembers which addresses the counted rows name. */
export function countingHand({ sql }: Database<AmavisTables>): Hand {
  const naming = new Map<number, number>()
  return {
    isDeleting: false,
    async messages(keys) {
      await countSenders(sql, keys, naming)
      return {
        msgs: keys.length,
        msgrcpt: await countRecipients(sql, keys, naming),
        quarantine: await countParts(sql, 'quarantine', keys),
      }
    },
    orphans: (table, keys) =>
      table === 'msgrcpt' ? countRecipients(sql, keys, naming) : countParts(sql, table, keys),
    async addresses({ unused, used }) {
      const rows = await namingRows(
        sql,
        used.filter(id => naming.has(id)),
      )
      const unnamed = [...rows].filter(([id, found]) => naming.get(id) === found)
      return unused.length + unnamed.length
    },
  }
}

import type { MessageKey } from '../../ground/amavis/messages-of-sender.ts'
import { type Address, deleteAddresses } from '../../ground/amavis/purge/addresses.ts'
import {
  countParts,
  type DeletedRows,
  deleteMessages,
  deleteOrphans,
  type PartsTable,
} from '../../ground/amavis/purge/delete-messages.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'

/** What is done with the rows that a pass finds. All functions resolve to how many there were. */
export interface Hand {
  /** Whether rows are deleted, and not only counted. */
  readonly isDeleting: boolean
  messages(keys: readonly MessageKey[]): Promise<DeletedRows>
  orphans(table: PartsTable, keys: readonly MessageKey[]): Promise<number>
  addresses(addresses: readonly Address[]): Promise<number>
}

/** Deletes them. */
export const deletingHand = (storage: Database<AmavisTables>): Hand => ({
  isDeleting: true,
  messages: keys => deleteMessages(storage, keys),
  orphans: (table, keys) => deleteOrphans(storage, table, keys),
  addresses: addresses => deleteAddresses(storage, addresses),
})

/** Counts them and leaves them where they are. */
export const countingHand = ({ sql }: Database<AmavisTables>): Hand => ({
  isDeleting: false,
  messages: async keys => ({
    msgs: keys.length,
    msgrcpt: await countParts(sql, 'msgrcpt', keys),
    quarantine: await countParts(sql, 'quarantine', keys),
  }),
  orphans: (table, keys) => countParts(sql, table, keys),
  addresses: async addresses => addresses.length,
})

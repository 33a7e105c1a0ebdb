import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import type { SenderLists } from '../../ground/senders/sender-lists.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { AddressesOfDeps } from '../quarantine/list/addresses-of.ts'

/** What the use-cases of allow and block lists depend on. */
export interface SenderDeps extends AddressesOfDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** Told why an entry was not written, which readers are not. */
  readonly log: Logger
  /** Where entries are written; undefined: nowhere (`senders.kind` is none). */
  readonly senderLists: SenderLists | undefined
  /** Whether readers keep lists of their own (`senders.readers`). */
  readonly readersKeepLists: boolean
  /** Domains that are ours, whoever owns the lists: A-labels in lower case. */
  readonly ownDomains: readonly string[]
  /** The most entries of one owner. */
  readonly mostEntries: number
  /** The characters that begin the extension of an address, which amavisd drops when it looks up lists; empty: none. */
  readonly recipientDelimiter: string
}

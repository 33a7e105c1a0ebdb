import type { Kysely } from 'kysely'
import { addressIds } from '../../../ground/amavis/quarantine/address-ids.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { addressSpellings } from './address-spellings.ts'

/**
 * The ids that amavis has given to some addresses.
 *
 * @param addresses in the form of `readerAddress`
 * @returns undefined when there are too many for one statement
 */
export const recipientIds = (
  storage: Kysely<AmavisTables>,
  addresses: readonly string[],
): Promise<readonly number[] | undefined> =>
  addressIds(storage, addresses.flatMap(addressSpellings), MOST_IDS)

/** For one statement. */
export const MOST_IDS = 5000

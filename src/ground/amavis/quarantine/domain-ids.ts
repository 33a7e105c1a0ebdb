import type { Kysely } from 'kysely'
import type { AmavisTables } from '../tables.ts'
import { storedDomains } from './recipients.ts'

/** A part of the addresses, in the order of their ids. */
export interface AddressesWalked {
  /** The ids of those in the domains. */
  readonly ids: readonly number[]
  /** The last id that was looked at; undefined: there are no more. */
  readonly last: number | undefined
}

/**
 * Finds the ids of the addresses of some domains among the next `most` addresses, along the primary key of `maddr`: there
 * is no index of the domain.
 *
 * @param domains as amavis may have written them
 * @param after the last id that was looked at
 */
export async function walkAddresses(
  storage: Kysely<AmavisTables>,
  domains: readonly string[],
  after: number,
  most: number,
): Promise<AddressesWalked> {
  const next = storage.selectFrom('maddr').select('id').where('id', '>', after).orderBy('id').limit(most)
  const bound = await storage
    .selectFrom(next.as('next'))
    .select(({ fn }) => fn.max('next.id').as('last'))
    .executeTakeFirst()
  if (bound?.last === null || bound?.last === undefined) return { ids: [], last: undefined }
  const last = Number(bound.last)
  const rows = await storage
    .selectFrom('maddr')
    .select('id')
    .where('id', '>', after)
    .where('id', '<=', last)
    .where('domain', 'in', storedDomains(domains))
    .execute()
  return { ids: rows.map(({ id }) => Number(id)), last }
}

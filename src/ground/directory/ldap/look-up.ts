import { withoutExtension } from '../extension.ts'
import type { Found } from './search.ts'

/** What the directory has about an address. */
export interface LookedUp {
  /** Without its extension, if no entry has the whole address. */
  readonly address: string
  readonly entries: Found
}

type Search = (addresses: readonly string[]) => Promise<ReadonlyMap<string, Found>>

/**
 * Looks up addresses, then those to which their mail is sent on, and so forth.
 *
 * @param delimiter see `withoutExtension`
 * @returns an address that is further away than `MAX_ROUNDS` is missing
 */
export async function lookUp(
  search: Search,
  addresses: readonly string[],
  delimiter: string,
): Promise<ReadonlyMap<string, LookedUp>> {
  const known = new Map<string, LookedUp>()
  let next = addresses
  for (let round = 0; next.length > 0 && round < MAX_ROUNDS; round++) {
    const found = await lookUpOnce(search, next, delimiter)
    for (const [address, lookedUp] of found) known.set(address, lookedUp)
    const further = new Set([...found.values()].flatMap(forwardsOf))
    next = [...further].filter(address => !known.has(address))
  }
  return known
}

/** Each round costs a search, or several. */
const MAX_ROUNDS = 20

const forwardsOf = ({ entries }: LookedUp): readonly string[] =>
  entries === 'too-many' ? [] : entries.flatMap(({ forwards }) => (forwards === 'too-many' ? [] : forwards))

/** The whole addresses first, then those without their extension that no entry has as a whole. */
async function lookUpOnce(
  search: Search,
  addresses: readonly string[],
  delimiter: string,
): Promise<ReadonlyMap<string, LookedUp>> {
  const found = await search(addresses)
  const addressOf = (whole: string) =>
    isNone(found.get(whole)) ? (withoutExtension(whole, delimiter) ?? whole) : whole
  const shorter = new Set(addresses.map(addressOf).filter(address => !found.has(address)))
  const all = new Map([...found, ...(await search([...shorter]))])
  return new Map(
    addresses.map(whole => {
      const address = addressOf(whole)
      return [whole, { address, entries: all.get(address) ?? [] }]
    }),
  )
}

const isNone = (found: Found | undefined): boolean => found !== 'too-many' && found?.length === 0

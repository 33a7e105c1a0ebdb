import type { Filter, Entry as FoundEntry, SearchOptions } from 'ldapts'
import { chunks } from '../../database/chunks.ts'
import { SECOND } from '../../durations.ts'
import { addressAttributesOf, addressesPerSearch, addressFilter } from './address-filter.ts'
import type { Connection } from './connection.ts'
import { type Entry, readEntry } from './entry.ts'
import { ldapts } from './ldapts.ts'
import type { LdapSettings } from './settings.ts'

/** The entries that have an address, in the order of their readers; `too-many` if there are more than are read. */
export type Found = readonly Entry[] | 'too-many'

/**
 * Looks addresses up, many with each search.
 *
 * @param addresses in the form of `readerAddress`, each once
 * @returns for each of them
 * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED
 */
export async function searchAddresses(
  connection: Connection,
  settings: LdapSettings,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>()
  for (const chunk of chunks(addresses, addressesPerSearch(addressAttributesOf(settings)))) {
    for (const [address, entries] of await searchOrHalve(connection, settings, chunk))
      found.set(address, entries)
  }
  return found
}

/** A search that finds too much is divided, until it is clear which address does. */
async function searchOrHalve(
  connection: Connection,
  settings: LdapSettings,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  const entries = await entriesWith(connection, settings, addresses)
  if (entries !== 'too-many') return byAddress(addresses, entries)
  if (addresses.length === 1) return new Map(addresses.map(address => [address, entries]))
  const half = Math.ceil(addresses.length / 2)
  return new Map([
    ...(await searchOrHalve(connection, settings, addresses.slice(0, half))),
    ...(await searchOrHalve(connection, settings, addresses.slice(half))),
  ])
}

async function entriesWith(
  connection: Connection,
  settings: LdapSettings,
  addresses: readonly string[],
): Promise<Found> {
  const { filter, offFilter, forwardAttributes, languageAttribute, nameAttribute } = settings
  const attributes = addressAttributesOf(settings)
  const search = (filters: readonly string[], wanted: readonly string[]) =>
    searchEntries(connection, settings, addressFilter(addresses, attributes, filters), wanted)
  const wanted = [...attributes, ...forwardAttributes, languageAttribute, nameAttribute]
  const found = await search([filter], [...new Set(wanted)])
  if (found === 'too-many') return found
  if (found.length === 0) return []
  const off = offFilter === undefined ? [] : await search([filter, offFilter], [NO_ATTRIBUTES])
  if (off === 'too-many') return off
  const namesOff = new Set(off.map(({ dn }) => dn))
  return found.map(entry => readEntry(entry, settings, attributes, namesOff.has(entry.dn)))
}

/** RFC 4511, section 4.5.1.8. */
const NO_ATTRIBUTES = '1.1'

/**
 * Searches in pages. Referrals to other servers are ignored: Active Directory adds some to each answer, and to follow
 * them would be to send the password to whatever host an entry names.
 */
async function searchEntries(
  connection: Connection,
  { base, timeout }: LdapSettings,
  filter: Filter,
  attributes: readonly string[],
): Promise<readonly FoundEntry[] | 'too-many'> {
  const options: SearchOptions = {
    scope: 'sub',
    filter,
    attributes: [...attributes],
    paged: { pageSize: PAGE_SIZE },
    timeLimit: Math.ceil(timeout / SECOND),
  }
  try {
    return await connection.ask(async client => {
      const found: FoundEntry[] = []
      for await (const { searchEntries } of client.searchPaginated(base, options)) {
        found.push(...searchEntries)
        if (found.length > MAX_ENTRIES) return 'too-many'
      }
      return found
    })
  } catch (error) {
    if (error instanceof ldapts().SizeLimitExceededError) return 'too-many'
    throw error
  }
}

/** Servers often refuse more than 500 (OpenLDAP) or 1,000 (Active Directory) in one piece. */
const PAGE_SIZE = 500

const MAX_ENTRIES = 1_000

function byAddress(addresses: readonly string[], entries: readonly Entry[]): ReadonlyMap<string, Found> {
  const found = new Map<string, Entry[]>(addresses.map(address => [address, []]))
  for (const entry of entries.toSorted(byReader)) {
    for (const address of entry.addresses) found.get(address)?.push(entry)
  }
  return found
}

const byReader = (one: Entry, other: Entry): number => (keyOf(one) < keyOf(other) ? -1 : 1)

const keyOf = ({ reader = '', row }: Entry): string => `${reader}\n${row}`

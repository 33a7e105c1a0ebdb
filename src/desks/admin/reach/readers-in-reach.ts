import type { Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { type Reach, reaches, requireReach } from '../../../rules/reach/reach.ts'

export interface ReadersDeps {
  readonly directory: Directory
}

/**
 * Returns the reader of an address, as the directory gives it. The reader alone decides whether an admin may act: the
 * address itself may be an alias in any domain. An address that nobody reads stands for itself.
 *
 * @returns undefined when only the address is in reach. The caller then answers as if nothing were there, so that
 * nobody learns whose alias an address is.
 * @throws CodedError OUT_OF_REACH when neither the reader nor the address is in reach
 */
export async function readerInReach(
  { directory }: ReadersDeps,
  reach: Reach,
  address: string,
): Promise<string | undefined> {
  return readerWithin(await directory.readersOf([address]), reach, address)
}

/**
 * Returns the readers of addresses, in the same order. An address whose reader is out of reach stands for itself:
 * nothing waits for it.
 *
 * @throws CodedError OUT_OF_REACH for an address that is out of reach and has no reader in reach
 */
export async function readersOf(
  { directory }: ReadersDeps,
  reach: Reach,
  addresses: readonly string[],
): Promise<string[]> {
  const readers = await directory.readersOf(addresses)
  return addresses.map(address => readerWithin(readers, reach, address) ?? address)
}

function readerWithin(
  readers: ReadonlyMap<string, string>,
  reach: Reach,
  address: string,
): string | undefined {
  const ownAddress = readerAddress(address) ?? address
  const reader = readers.get(address) ?? ownAddress
  if (reaches(reach, reader)) return reader
  requireReach(reach, ownAddress)
  return undefined
}

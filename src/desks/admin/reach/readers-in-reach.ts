import type { Answer, Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { answersFor, holdersOf } from '../../../ground/directory/readers-of.ts'
import { type Reach, reaches, requireReach } from '../../../rules/reach/reach.ts'

export interface ReadersDeps {
  readonly directory: Directory
}

/**
 * Returns a reader of an address, as the directory gives it: the first one in reach. The reader alone decides whether an
 * admin may act: the address itself may be an alias in any domain. An address that nobody reads stands for itself.
 *
 * @returns undefined when only the address is in reach. The caller then answers as if nothing were there, so that
 * nobody learns whose alias an address is.
 * @throws CodedError OUT_OF_REACH when neither a reader nor the address is in reach
 */
export async function readerInReach(
  { directory }: ReadersDeps,
  reach: Reach,
  address: string,
): Promise<string | undefined> {
  return readersWithin(await answersFor(directory, [address]), reach, address)[0]
}

/**
 * Returns the readers of addresses, each once, in the order of the addresses. An address whose readers are out of reach
 * stands for itself: nothing waits for it.
 *
 * @throws CodedError OUT_OF_REACH for an address that is out of reach and has no reader in reach
 */
export async function readersOf(
  { directory }: ReadersDeps,
  reach: Reach,
  addresses: readonly string[],
): Promise<string[]> {
  const answers = await answersFor(directory, addresses)
  const readers = addresses.flatMap(address => {
    const within = readersWithin(answers, reach, address)
    return within.length > 0 ? within : [address]
  })
  return [...new Set(readers)]
}

function readersWithin(
  answers: ReadonlyMap<string, Answer>,
  reach: Reach,
  address: string,
): readonly string[] {
  const ownAddress = readerAddress(address) ?? address
  const answer = answers.get(address)
  const readers = answer ? holdersOf(address, answer) : [ownAddress]
  const within = readers.filter(reader => reaches(reach, reader))
  if (within.length === 0) requireReach(reach, ownAddress)
  return within
}

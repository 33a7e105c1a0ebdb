import type { Answer, Directory } from './directory.ts'
import { readerAddress } from './reader-address.ts'

/**
 * What the directory answers about recipients. A text that is not an address is left out, and so is an address for which
 * there is no answer now.
 *
 * @param recipients envelope addresses as amavis stored them
 * @returns by recipient, in the spelling that was asked for
 */
export async function answersFor(
  directory: Directory,
  recipients: readonly string[],
): Promise<ReadonlyMap<string, Answer>> {
  const asked = new Map(recipients.map(recipient => [recipient, readerAddress(recipient)]))
  const addresses = [...new Set(asked.values())].filter(address => address !== undefined)
  const answers = addresses.length === 0 ? new Map<string, Answer>() : await directory.find(addresses)
  const found = new Map<string, Answer>()
  for (const [recipient, address] of asked) {
    const answer = address === undefined ? undefined : answers.get(address)
    if (answer) found.set(recipient, answer)
  }
  return found
}

/**
 * Under whose name a message waits: each of its readers, or the recipient itself if it has none. No digest goes to an
 * address because of the latter: see `isReader`.
 */
export function holdersOf(recipient: string, { readers }: Answer): readonly string[] {
  if (readers.length > 0) return readers.map(({ address }) => address)
  const own = readerAddress(recipient)
  return own === undefined ? [] : [own]
}

/** Whether the directory lets this address get digests about the mail that the answer is about. */
export const isReader = ({ readers }: Answer, address: string): boolean =>
  readers.some(reader => reader.address === address && !reader.isOff)

import type { Directory } from '../../../ground/directory/directory.ts'
import { answersFor, isReader } from '../../../ground/directory/readers-of.ts'

/** Whether the directory lets a reader get digests about mail for an address. */
export type Standing =
  | 'reads'
  /** It gives the mail to others, or the mailbox is switched off. */
  | 'does not read'
  /** The directory is away, and was never asked about the address. */
  | 'no answer'

/** Mail for a recipient, in the eyes of a reader. */
export interface Reading {
  readonly recipient: string
  readonly reader: string
}

/**
 * What the directory says about the readers of these items, or of whatever names a recipient and a reader. It is asked
 * about all of them at once.
 *
 * @returns a function for one of them
 */
export async function standingsOf(
  directory: Directory,
  items: readonly Reading[],
): Promise<(item: Reading) => Standing> {
  const answers = await answersFor(directory, [...new Set(items.map(({ recipient }) => recipient))])
  return ({ recipient, reader }) => {
    const answer = answers.get(recipient)
    if (!answer) return 'no answer'
    return isReader(answer, reader) ? 'reads' : 'does not read'
  }
}

/** Those of these addresses whose owners get digests of their own mail. */
export async function ownReaders(directory: Directory, addresses: readonly string[]): Promise<Set<string>> {
  const own = addresses.map(address => ({ recipient: address, reader: address }))
  const standingOf = await standingsOf(directory, own)
  return new Set(own.filter(each => standingOf(each) === 'reads').map(({ reader }) => reader))
}

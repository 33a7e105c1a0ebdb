import type { Directory } from './directory.ts'
import { readerAddress } from './reader-address.ts'

/** Each address reads its own mail. */
export const addresses: Directory = {
  async readersOf(recipients) {
    const readers = recipients.map(recipient => [recipient, readerAddress(recipient)] as const)
    return new Map(readers.filter((pair): pair is [string, string] => pair[1] !== undefined))
  },
}

import type { Directory, DirectoryReader } from '../../src/ground/directory/directory.ts'
import { CodedError } from '../../src/ground/errors.ts'

/** A directory made of a table of addresses and their readers. Other addresses read their own mail. */
export const directoryWith = (
  readers: Readonly<Record<string, readonly (string | DirectoryReader)[]>>,
): Directory => ({
  async find(addresses) {
    return new Map(
      addresses.map(address => {
        const found = (readers[address] ?? [address]).map(reader =>
          typeof reader === 'string' ? { address: reader, isOff: false } : reader,
        )
        return [address, { readers: found, by: [] }]
      }),
    )
  },
})

/** A directory that can be changed and switched away. */
export interface ChangingDirectory extends Directory {
  readers: Readonly<Record<string, readonly (string | DirectoryReader)[]>>
  /** While it is set, questions are answered by it. */
  fault: Error | undefined
  /** The addresses of each question. */
  readonly asked: (readonly string[])[]
}

export function changingDirectory(readers: ChangingDirectory['readers'] = {}): ChangingDirectory {
  const directory: ChangingDirectory = {
    readers,
    fault: undefined,
    asked: [],
    async find(addresses) {
      directory.asked.push(addresses)
      if (directory.fault) throw directory.fault
      return directoryWith(directory.readers).find(addresses)
    },
  }
  return directory
}

export const DIRECTORY_AWAY = new CodedError('DIRECTORY_UNREACHABLE', 'The directory is away.')

/** The mailbox of an owner who gets no digests. */
export const off = (address: string): DirectoryReader => ({ address, isOff: true })

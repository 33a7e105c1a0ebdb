import type { Directory, DirectoryReader } from '../../src/ground/directory/directory.ts'

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

import type { Directory } from '../directory.ts'
import { outsideReaders } from '../outside-readers.ts'
import { connection } from './connection.ts'
import { followAddress } from './follow.ts'
import { lookUp } from './look-up.ts'
import { searchAddresses } from './search.ts'
import type { LdapSettings } from './settings.ts'

/**
 * A directory server. An entry is a mailbox that reads the mail of all its addresses; an address that several entries
 * have is read by each of them. An entry may also send its mail on to other addresses.
 *
 * @throws CodedError CONFIG_INVALID when the file of certificate authorities cannot be read
 */
export function ldapDirectory(settings: LdapSettings): Directory & Disposable {
  const server = connection(settings)
  const isOutsideReader = outsideReaders(settings.outsideReaders)
  return {
    async find(addresses) {
      const search = (some: readonly string[]) => searchAddresses(server, settings, some)
      const known = await lookUp(search, addresses, settings.recipientDelimiter)
      return new Map(addresses.map(address => [address, followAddress(address, known, isOutsideReader)]))
    },
    [Symbol.dispose]: () => server[Symbol.dispose](),
  }
}

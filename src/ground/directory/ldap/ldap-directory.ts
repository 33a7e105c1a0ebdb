import type { Answer, Directory, DirectoryReader, Step } from '../directory.ts'
import { withoutExtension } from '../extension.ts'
import { connection } from './connection.ts'
import type { Entry } from './entry.ts'
import { type Found, searchAddresses } from './search.ts'
import type { LdapSettings } from './settings.ts'

/**
 * A directory server. An entry is a mailbox that reads the mail of all its addresses; an address that several entries
 * have is read by all of them.
 *
 * @throws CodedError CONFIG_INVALID when the file of certificate authorities cannot be read
 */
export function ldapDirectory(settings: LdapSettings): Directory & Disposable {
  const server = connection(settings)
  const search = (addresses: readonly string[]) => searchAddresses(server, settings, addresses)
  return {
    async find(addresses) {
      const found = await search(addresses)
      const shorter = shorterOf(addresses, found, settings.recipientDelimiter)
      const all = new Map([...(await search(notIn(found, shorter.values()))), ...found])
      return new Map(addresses.map(address => [address, answerFor(address, shorter.get(address), all)]))
    },
    [Symbol.dispose]: () => server[Symbol.dispose](),
  }
}

/** The addresses without their extension, by the whole address that no entry has. */
const shorterOf = (
  addresses: readonly string[],
  found: ReadonlyMap<string, Found>,
  delimiter: string,
): ReadonlyMap<string, string> =>
  new Map(
    addresses
      .filter(address => isNone(found.get(address)))
      .map(address => [address, withoutExtension(address, delimiter)] as const)
      .filter((pair): pair is readonly [string, string] => pair[1] !== undefined),
  )

const isNone = (found: Found | undefined): boolean => found !== 'too-many' && found?.length === 0

const notIn = (found: ReadonlyMap<string, Found>, addresses: Iterable<string>): readonly string[] =>
  [...new Set(addresses)].filter(address => !found.has(address))

function answerFor(address: string, shorter: string | undefined, all: ReadonlyMap<string, Found>): Answer {
  const answer = answerFrom(shorter ?? address, all.get(shorter ?? address) ?? [])
  if (shorter === undefined) return answer
  return { ...answer, by: [{ is: 'extension', from: address, to: shorter, row: null }, ...answer.by] }
}

function answerFrom(from: string, entries: Found): Answer {
  if (entries === 'too-many') return { readers: [], by: [{ is: 'too-many', from, to: null, row: null }] }
  if (entries.length === 0) return { readers: [], by: [{ is: 'unknown', from, to: null, row: null }] }
  return { readers: readersOf(entries), by: entries.flatMap(entry => stepsOf(from, entry)) }
}

function stepsOf(from: string, { reader, isOff, row }: Entry): readonly Step[] {
  if (reader === undefined) return [{ is: 'unknown', from, to: null, row }]
  const mailbox: Step = { is: isOff ? 'off' : 'mailbox', from: reader, to: reader, row }
  return from === reader ? [mailbox] : [{ is: 'alias', from, to: reader, row }, mailbox]
}

/** Of several entries with one mailbox, one that is switched off is enough: it may be the owner who has left. */
function readersOf(entries: readonly Entry[]): readonly DirectoryReader[] {
  const byReader = Map.groupBy(entries, ({ reader }) => reader)
  return [...byReader]
    .flatMap(([address, same]) => (address === undefined ? [] : [readerOf(address, same)]))
    .sort((one, other) => (one.address < other.address ? -1 : 1))
}

function readerOf(address: string, entries: readonly Entry[]): DirectoryReader {
  return {
    address,
    isOff: entries.some(({ isOff }) => isOff),
    language: entries.find(({ language }) => language !== undefined)?.language,
    name: entries.find(({ name }) => name !== undefined)?.name,
  }
}

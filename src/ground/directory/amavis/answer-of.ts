import { textOf } from '../../database/text.ts'
import type { Answer, DirectoryReader, Step } from '../directory.ts'
import { ownerName } from '../owner-facts.ts'
import { EVERYBODY, keyOfAddress, type Lookup } from './lookup-keys.ts'
import type { User } from './users-table.ts'

/** @param users by key @param isAllowed whether an address elsewhere gets digests */
export function answerOf(
  lookup: Lookup,
  users: ReadonlyMap<string, readonly User[]>,
  isAllowed: (address: string) => boolean,
): Answer {
  const found = usersFor(lookup, users)
  const [best] = found
  if (!best) return unknown(lookup, users.get(EVERYBODY)?.[0])
  const address = ownerOf(lookup, found)
  const own = found.find(({ key }) => key === keyOfAddress(address))
  const dropped: readonly Step[] =
    address === lookup.address ? [] : [{ is: 'extension', from: lookup.address, to: address, row: null }]
  if (!isLocal(found) && !isAllowed(address)) {
    const { id, key } = found.find(user => user.isLocal !== null) ?? best
    return { readers: [], by: [...dropped, { is: 'outside', from: address, to: null, row: rowOf(id, key) }] }
  }
  const { id, key } = own ?? best
  const is = own ? 'mailbox' : 'relay'
  return {
    readers: [readerOf(address, own)],
    by: [...dropped, { is, from: address, to: address, row: rowOf(id, key) }],
  }
}

/** The rows that amavisd finds, in its order: by priority, and then the more specific first. */
function usersFor({ own, domains }: Lookup, users: ReadonlyMap<string, readonly User[]>): readonly User[] {
  const found = [...own, ...domains].flatMap(key => users.get(key) ?? [])
  return found.sort((one, other) => other.priority - one.priority)
}

const unknown = ({ address }: Lookup, everybody: User | undefined): Answer => ({
  readers: [],
  by: [
    { is: 'unknown', from: address, to: null, row: everybody ? rowOf(everybody.id, everybody.key) : null },
  ],
})

/** The address itself if it has a row, else the one without its extension. */
function ownerOf({ address, plain, own }: Lookup, found: readonly User[]): string {
  const hasRow = found.some(({ key }) => key === own[0])
  return hasRow ? address : (plain ?? address)
}

/** As amavisd decides it: the first row that says so. Where none does, a row alone means yes. */
const isLocal = (found: readonly User[]): boolean =>
  found.find(user => user.isLocal !== null)?.isLocal ?? true

const rowOf = (id: number, key: string): string => `users ${id} (${key})`

function readerOf(address: string, own: User | undefined): DirectoryReader {
  const name = ownerName(textOf(own?.fullName ?? null))
  return { address, isOff: false, ...(name === undefined ? {} : { name }) }
}

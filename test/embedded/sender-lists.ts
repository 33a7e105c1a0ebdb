import type { ListEntry, ListStanding, SenderLists } from '../../src/ground/senders/sender-lists.ts'

/** Lists in memory that can be switched away. What an adapter promises is tested by `contracts/sender-lists.ts`. */
export interface ListsInMemory extends SenderLists {
  readonly entries: Map<string, ListEntry[]>
  standing: ListStanding
  /** While it is set, nothing can be read or written. */
  fault: Error | undefined
}

export function listsInMemory(): ListsInMemory {
  const entries = new Map<string, ListEntry[]>()
  const of = (owner: string) => {
    if (lists.fault) throw lists.fault
    return entries.get(owner) ?? []
  }
  const lists: ListsInMemory = {
    entries,
    standing: 'follows',
    fault: undefined,
    async read(owner) {
      return { entries: of(owner).map(entry => ({ ...entry, counts: true })), standing: lists.standing }
    },
    async set(owner, entry) {
      entries.set(owner, [...of(owner).filter(({ sender }) => sender !== entry.sender), entry])
    },
    async remove(owner, sender) {
      const before = of(owner)
      const after = before.filter(entry => entry.sender !== sender)
      entries.set(owner, after)
      return after.length < before.length
    },
  }
  return lists
}

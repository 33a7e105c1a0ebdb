import type { Step } from '../directory.ts'
import { withoutExtension } from '../extension.ts'
import { MAX_DESTINATIONS } from './destinations.ts'
import { type Lead, type LeadOptions, leadsTo } from './leads-to.ts'
import { type AddressRows, type MailboxRow, NO_DOMAIN, noRows } from './rows.ts'

/** Finds what the tables have about addresses. */
export type LookUp = (addresses: readonly string[]) => Promise<ReadonlyMap<string, AddressRows>>

/** Where the mail of one address ends. */
export interface Trail {
  /** The addresses that are read here, or elsewhere by permission; with the mailbox, if there is one. */
  readonly ends: ReadonlyMap<string, MailboxRow | undefined>
  readonly by: readonly Step[]
}

/**
 * Follows addresses until their mail stays somewhere. Each round looks up all addresses that the round before has led
 * to, so there are as many rounds as the longest chain has links, however many addresses there are.
 *
 * An address that leads to too many others has no readers at all: any choice among them would be arbitrary.
 */
export async function walk(
  roots: readonly string[],
  lookUp: LookUp,
  options: LeadOptions,
): Promise<ReadonlyMap<string, Trail>> {
  const leads = new Map<string, Lead>()
  const searches = roots.map(root => ({ root, seen: new Set([root]), newest: [root], steps: 0 }))
  for (let round = 0; round < MAX_ROUNDS && searches.some(hasMore); round += 1) {
    const addresses = new Set(searches.flatMap(search => search.newest))
    await addLeads(leads, [...addresses], lookUp, options)
    for (const search of searches) advance(search, leads)
  }
  return new Map(searches.map(search => [search.root, trailOf(search, leads)]))
}

/** More links than any chain that somebody has set up on purpose. */
const MAX_ROUNDS = 100

/** As many as `MAX_DESTINATIONS` mailboxes with a copy each need. */
const MAX_STEPS = 4 * MAX_DESTINATIONS

/** How far the search for the readers of one address has got. */
interface Search {
  readonly root: string
  /** All addresses that it has come to. */
  readonly seen: Set<string>
  /** Those of them that are to be looked up next. */
  newest: readonly string[]
  steps: number
}

const isTooWide = ({ seen, steps }: Search): boolean => seen.size > MAX_DESTINATIONS + 1 || steps > MAX_STEPS

const hasMore = (search: Search): boolean => search.newest.length > 0 && !isTooWide(search)

async function addLeads(
  leads: Map<string, Lead>,
  addresses: readonly string[],
  lookUp: LookUp,
  options: LeadOptions,
): Promise<void> {
  const unknown = addresses.filter(address => !leads.has(address))
  const bare = unknown.map(address => withoutExtension(address, options.recipientDelimiter))
  const asked = new Set([...unknown, ...bare.filter(address => address !== undefined)])
  const rows = asked.size === 0 ? new Map<string, AddressRows>() : await lookUp([...asked])
  const rowsOf = (address: string) => rows.get(address) ?? noRows(NO_DOMAIN)
  for (const address of unknown) leads.set(address, leadsTo(address, rowsOf, options))
}

function advance(search: Search, leads: ReadonlyMap<string, Lead>): void {
  if (isTooWide(search)) {
    search.newest = []
    return
  }
  const next: string[] = []
  for (const address of search.newest) {
    const steps = leads.get(address)?.steps ?? []
    search.steps += steps.length
    for (const { follow } of steps) {
      if (follow === undefined || search.seen.has(follow)) continue
      search.seen.add(follow)
      next.push(follow)
    }
  }
  search.newest = next
}

function trailOf(search: Search, leads: ReadonlyMap<string, Lead>): Trail {
  if (search.newest.length > 0 || isTooWide(search))
    return { ends: new Map(), by: [{ is: 'too-many', from: search.root, to: null, row: null }] }
  const ends = new Map<string, MailboxRow | undefined>()
  const by: Step[] = []
  follow(search.root, leads, { ends, by, path: new Set(), done: new Set() })
  return { ends, by }
}

interface Notes {
  readonly ends: Map<string, MailboxRow | undefined>
  readonly by: Step[]
  /** The addresses that have led to this one. */
  readonly path: Set<string>
  readonly done: Set<string>
}

/** Writes down the way from an address on, branch by branch. */
function follow(address: string, leads: ReadonlyMap<string, Lead>, notes: Notes): void {
  const lead = leads.get(address)
  if (!lead) return
  const { ends, by, path, done } = notes
  if (lead.isRead) ends.set(address, lead.mailbox)
  path.add(address)
  for (const { step, follow: next } of lead.steps) {
    by.push(step)
    if (next === undefined) continue
    if (path.has(next)) by.push({ is: 'loop', from: next, to: null, row: null })
    else if (!done.has(next)) follow(next, leads, notes)
  }
  path.delete(address)
  done.add(address)
}

import { haveFew, haveSentFew } from '../../../ground/amavis/quarantine/amounts.ts'
import type { Recipients } from '../../../ground/amavis/quarantine/recipients.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { SECOND } from '../../../ground/durations.ts'
import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import type { ReaderViewer, Viewer } from '../../../rules/reach/viewer.ts'
import type { Search } from '../../../rules/search/search.ts'
import { type Item, itemsOfHeld } from '../../collect/items.ts'
import { domainSpellings } from './address-spellings.ts'
import { type AddressesOfDeps, addressesFor } from './addresses-of.ts'
import type { Candidate } from './candidates.ts'
import { idsInDomains } from './ids-in-domains.ts'
import type { SenderSource } from './of-sender.ts'
import { recipientIds } from './recipient-ids.ts'
import { FEW, mailById, mailByTime, mailForFew, mailOfSenders, type Reading, type Source } from './sources.ts'

/** Where the mail of a viewer is found, and which of what is found they may see. */
export interface Scope {
  readonly source: Source
  /** Where mail of the sender whom a search names is found at once. */
  readonly senders?: SenderSource | undefined
  readonly mayShow: (candidate: Candidate & { readonly heldId: string }) => boolean
  /** Where what is looked through goes back further than usual: milliseconds since the epoch. */
  readonly from?: number | undefined
}

export async function scopeOf(
  deps: AddressesOfDeps,
  viewer: Viewer,
  search: Search,
  reading: Reading,
): Promise<Scope> {
  if (viewer.as === 'admin') return scopeOfAdmin(deps, viewer.reach, search, reading)
  return viewer.only
    ? scopeOfLink(deps, viewer, viewer.only, reading)
    : scopeOfReader(deps, viewer, search, reading)
}

async function scopeOfAdmin(
  { clock }: AddressesOfDeps,
  reach: Reach,
  search: Search,
  reading: Reading,
): Promise<Scope> {
  const mayShow = ({ recipient }: Candidate) =>
    reach === undefined || reaches(reach, readerAddress(recipient) ?? '')
  const mailId = wholeText(search, 'id')
  if (mailId !== undefined) return { source: mailById(reading, [mailId]), mayShow, from: 0 }
  const recipient = readerAddress(wholeText(search, 'to') ?? '')
  if (recipient !== undefined) return { source: await mailTo(reading, [recipient]), mayShow }
  const few = reach && (await mailOfFewIn(reading, reach, clock()))
  if (few) return { source: few, mayShow }
  return {
    source: mailByTime(reading, within(reach)),
    senders: await sendersOf(search, reading),
    mayShow,
  }
}

/** Mail for domains; undefined: for all. */
export async function mailWithin(reading: Reading, reach: Reach, now: number): Promise<Source> {
  const few = reach && (await mailOfFewIn(reading, reach, now))
  return few ?? mailByTime(reading, within(reach))
}

const within = (reach: Reach): Recipients =>
  reach ? { are: 'inDomains', domains: domainSpellings(reach) } : { are: 'all' }

/** Mail for domains that get little. */
async function mailOfFewIn(
  reading: Reading,
  domains: readonly string[],
  now: number,
): Promise<Source | undefined> {
  const ids = await idsInDomains(reading.storage, domains, now)
  return ids && (await haveFew(reading.storage, ids, FEW)) ? mailForFew(reading, ids) : undefined
}

async function sendersOf(search: Search, reading: Reading): Promise<SenderSource | undefined> {
  const address = readerAddress(wholeText(search, 'from') ?? '')
  return address === undefined ? undefined : mailSentBy(reading, address)
}

/**
 * Mail that the envelope says an address has sent. Undefined: it has sent none or, so that some is found soon anyway,
 * very much.
 *
 * @param address in the form of `readerAddress`
 */
export async function mailSentBy(reading: Reading, address: string): Promise<SenderSource | undefined> {
  const ids = await recipientIds(reading.storage, [address])
  if (!ids || ids.length === 0 || !(await haveSentFew(reading.storage, ids, FEW))) return undefined
  return {
    ...mailOfSenders(reading, ids),
    isOfSender: ({ sender }) => readerAddress(sender) === address,
  }
}

/** What a condition names exactly, so that an index leads to it. */
const wholeText = ({ texts }: Search, field: 'id' | 'to' | 'from'): string | undefined =>
  texts.find(condition => condition.field === field && condition.how === 'equals' && !condition.not)?.text

async function scopeOfReader(
  deps: AddressesOfDeps,
  viewer: ReaderViewer,
  search: Search,
  reading: Reading,
): Promise<Scope> {
  const addresses = await addressesFor(deps, viewer)
  const own = new Set(addresses)
  const mayShow = ({ recipient }: Candidate) => own.has(readerAddress(recipient) ?? '')
  const mailId = wholeText(search, 'id')
  if (mailId !== undefined) return { source: mailById(reading, [mailId]), mayShow, from: 0 }
  return { source: await mailTo(reading, addresses), mayShow }
}

/** A link shows what it names, however old it is, as long as it is that reader's. */
async function scopeOfLink(
  deps: AddressesOfDeps,
  { visitor }: ReaderViewer,
  only: ReadonlySet<string>,
  reading: Reading,
): Promise<Scope> {
  const items = (await itemsOfHeld(deps.state, [...only])).filter(({ reader }) => reader === visitor.reader)
  const heldIds = new Set(items.map(({ heldId }) => heldId))
  return {
    source: mailById(reading, [...new Set(items.map(({ mailId }) => mailId))]),
    mayShow: ({ heldId }) => heldIds.has(heldId),
    from: Math.min(...items.map(receivedAt)),
  }
}

const receivedAt = ({ timeNum }: Item): number => timeNum * SECOND

/** Mail to some addresses. @param addresses in the form of `readerAddress` */
export async function mailTo(reading: Reading, addresses: readonly string[]): Promise<Source> {
  const ids = await recipientIds(reading.storage, addresses)
  // Of somebody who reads that many addresses, all mail is looked through.
  if (!ids) return mailByTime(reading, { are: 'all' })
  return (await haveFew(reading.storage, ids, FEW))
    ? mailForFew(reading, ids)
    : mailByTime(reading, { are: 'ids', ids })
}

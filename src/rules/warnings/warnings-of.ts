import { domainName } from '../../ground/directory/reader-address.ts'
import { addressesIn, sameAddress } from '../../ground/display/address-look.ts'
import { type Mailbox, readMailboxes } from '../../ground/display/mailboxes.ts'
import { sameOrganisation } from '../../ground/display/organisational-domain.ts'
import { looksLike } from './look-alike.ts'

/** Something that a careful reader would notice. */
export type Warning =
  /** The sender's domain looks like one of ours. */
  | { readonly about: 'lookAlike'; readonly domain: string; readonly like: string }
  /** The sender's name holds another address than the sender's. */
  | { readonly about: 'addressInName'; readonly address: string }
  /** One of our own domains, but the mail came from outside. */
  | { readonly about: 'ownDomain'; readonly domain: string }
  /** Answers go to another organisation. */
  | { readonly about: 'replyElsewhere'; readonly address: string }

/** What a message says about its sender. */
export interface SaidSender {
  /** The From and Reply-To fields, decoded. */
  readonly from: string
  readonly replyTo: string
  /** The envelope sender; empty for a bounce. */
  readonly sender: string
  /** Whether it came from one of our own networks, or from somebody who had signed in. */
  readonly isOriginating: boolean
  /** The domains of its recipients, in their normal form. */
  readonly ownDomains: readonly string[]
}

/** What is suspicious about the sender of a message, each once. */
export function warningsOf(said: SaidSender): Warning[] {
  const mailboxes = readMailboxes(said.from, said.sender)
  const addresses = mailboxes.map(({ address }) => address)
  // The envelope sender is shown beside the From, so it may deceive as well.
  const domains = domainsOf([...addresses, said.sender])
  return [
    ...ownDomain(said, domainsOf(addresses)),
    ...domains.flatMap(domain => lookAlike(domain, said.ownDomains)),
    ...addressInName(said.from, mailboxes),
    ...replyElsewhere(said, addresses),
  ]
}

function domainsOf(addresses: readonly string[]): string[] {
  const domains = addresses.map(address => domainName(address.slice(address.lastIndexOf('@') + 1)))
  return [...new Set(domains.filter(domain => domain !== undefined))]
}

const ownDomain = ({ isOriginating, ownDomains }: SaidSender, from: readonly string[]): Warning[] =>
  isOriginating
    ? []
    : from.filter(domain => ownDomains.includes(domain)).map(domain => ({ about: 'ownDomain', domain }))

function lookAlike(domain: string, ownDomains: readonly string[]): Warning[] {
  const like = ownDomains.find(own => looksLike(domain, own))
  return like === undefined ? [] : [{ about: 'lookAlike', domain, like }]
}

/** A From field that has no mailbox is a name only. */
function addressInName(from: string, mailboxes: readonly Mailbox[]): Warning[] {
  const names = mailboxes.length > 0 ? mailboxes.map(({ name }) => name) : [from]
  const other = names
    .flatMap(addressesIn)
    .find(claimed => !mailboxes.some(({ address }) => sameAddress(address, claimed)))
  return other === undefined ? [] : [{ about: 'addressInName', address: other }]
}

/** A newsletter's bounces go elsewhere by rights; its answers do not. */
function replyElsewhere({ replyTo }: SaidSender, from: readonly string[]): Warning[] {
  const elsewhere = readMailboxes(replyTo, from[0] ?? '').find(
    ({ address }) => !from.some(own => sameOrganisation(own, address)),
  )
  return elsewhere && from.length > 0 ? [{ about: 'replyElsewhere', address: elsewhere.address }] : []
}

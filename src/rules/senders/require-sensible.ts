import { domainName, domainOf } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'
import { coversDomain } from './matches-sender.ts'
import type { SenderEntry } from './sender-entry.ts'
import { isWithin, type NotWide, whyNotWide } from './wide-entries.ts'

/**
 * Refuses an entry that would do harm: for the owner's own address or domain, which spammers forge and by which a list
 * would hold one's own mail, and for all customers of a provider.
 *
 * @param owner `alice@example.com`, `@example.com`, or `@.` for everybody
 * @param entry its sender as `senderPattern` gives it
 * @param ownDomains what else is ours, as A-labels in lower case; the owner's domain counts anyway
 * @throws CodedError SENDER_INVALID
 */
export function requireSensible(
  owner: string,
  { sender, list }: SenderEntry,
  ownDomains: readonly string[],
): void {
  const own = ownDomainsOf(owner, ownDomains)
  if (!sender.startsWith('@')) {
    if (isOwnAddress(owner, sender, own)) throw invalid(OWN_ADDRESS[list](sender))
    return
  }
  const domain = sender.replace(/^@\.?/, '')
  const reason = own.some(ours => coversDomain(sender, ours)) ? 'own' : whyNotWide(domain, own)
  if (reason !== undefined) throw invalid(WHY[reason](domain))
}

function ownDomainsOf(owner: string, ownDomains: readonly string[]): readonly string[] {
  const domain = domainName(domainOf(owner).replace(/^\./, ''))
  return domain === undefined ? ownDomains : [domain, ...ownDomains]
}

/** An address of a domain is one of its own to whoever keeps the lists of the whole domain. */
const isOwnAddress = (owner: string, sender: string, own: readonly string[]): boolean =>
  owner.startsWith('@') ? own.some(domain => isWithin(domainOf(sender), domain)) : sender === owner

const OWN_ADDRESS = {
  allow: (sender: string) =>
    `${sender} is your own address. Spammers write it into From, so allowing it would let their mail in.`,
  block: (sender: string) => `${sender} is your own address. Blocking it would hold your own mail.`,
}

const WHY: Readonly<Record<NotWide, (domain: string) => string>> = {
  own: domain =>
    `${domain} is your own domain: spammers write it into From, and colleagues write from it. Write one address, such as bob@${domain}.`,
  freemail: domain =>
    `Anybody can get an address at ${domain}. Write the one that is meant, such as bob@${domain}.`,
  suffix: domain => `${domain} is no domain of one sender. Write a whole domain, such as @example.${domain}.`,
}

const invalid = (message: string) => new CodedError('SENDER_INVALID', message)

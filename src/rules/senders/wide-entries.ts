import { publicSuffixes } from '../../ground/display/public-suffixes.ts'
import { isFreemail } from './freemail.ts'

/**
 * Whether there may be an entry for everybody at a domain: not for one's own, whose addresses spammers write into From
 * first of all; not where anybody can get an address; and not for a public suffix such as `com` or `co.uk`.
 *
 * @param domain and `ownDomains` as A-labels in lower case
 */
export const mayBeWide = (domain: string, ownDomains: readonly string[]): boolean =>
  whyNotWide(domain, ownDomains) === undefined

export type NotWide = 'own' | 'freemail' | 'suffix'

/** What forbids an entry for everybody at a domain; undefined: nothing. */
export function whyNotWide(domain: string, ownDomains: readonly string[]): NotWide | undefined {
  if (ownDomains.some(own => isWithin(domain, own))) return 'own'
  if (isFreemail(domain)) return 'freemail'
  return isPublicSuffix(domain) ? 'suffix' : undefined
}

/** A subdomain of one's own domain is one's own. */
export const isWithin = (domain: string, own: string): boolean => domain === own || domain.endsWith(`.${own}`)

/** By the public suffix list, also those whose subdomains belong to customers: `github.io`. */
function isPublicSuffix(domain: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = publicSuffixes().parse(domain, { allowPrivateDomains: true })
  return publicSuffix === domain && (isIcann === true || isPrivate === true)
}

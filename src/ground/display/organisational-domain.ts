import { memo } from '../concurrency/memo.ts'
import { publicSuffixes } from './public-suffixes.ts'

/**
 * Whether two addresses belong to one organisation: their domains have the same registered domain, by the public suffix
 * list. So `bounces@mail.shop.example` and `news@shop.example` do.
 */
export function sameOrganisation(one: string, other: string): boolean {
  const domains = [domainOf(one), domainOf(other)] as const
  return domains[0] === domains[1] || organisationOf(domains[0]) === organisationOf(domains[1])
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase()

/**
 * The registered domain of a domain; the domain itself where the public suffix list knows none. `github.io` and the
 * like count as public: whoever has a subdomain there is somebody else.
 */
export const organisationOf = (domain: string): string =>
  OF_TWO_LABELS.test(domain)
    ? domain
    : organisations(domain, () => publicSuffixes().getDomain(domain, { allowPrivateDomains: true }) ?? domain)

/** Either registered or known to nobody: for our own domain, which is asked about at each start, no list is loaded. */
const OF_TWO_LABELS = /^[a-z\d-]+\.[a-z\d-]+$/

/** Looking into the list takes 1.5 µs, and the messages of a run share many domains. */
const MOST_KEPT = 1000
const organisations = memo<string>(MOST_KEPT)

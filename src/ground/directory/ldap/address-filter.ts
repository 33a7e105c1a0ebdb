import type { Filter } from 'ldapts'
import { writtenForms } from '../written-forms.ts'
import { ldapts } from './ldapts.ts'
import type { LdapSettings } from './settings.ts'

/**
 * Which entries have one of these addresses and match the filters of an admin. No character of an address has a meaning
 * in it, because addresses are not put into the text of a filter.
 */
export function addressFilter(
  addresses: readonly string[],
  attributes: readonly string[],
  filters: readonly string[],
): Filter {
  const { AndFilter, EqualityFilter, FilterParser, OrFilter } = ldapts()
  const comparisons = addresses.flatMap(address =>
    attributes.flatMap(attribute =>
      valuesFor(address, attribute).map(value => new EqualityFilter({ attribute, value })),
    ),
  )
  return new AndFilter({
    filters: [
      new OrFilter({ filters: comparisons }),
      ...filters.map(filter => FilterParser.parseString(filter)),
    ],
  })
}

/** The attributes whose values may be addresses of an entry, each once. */
export const addressAttributesOf = ({
  addressAttributes,
  mailboxAttribute,
}: LdapSettings): readonly string[] => [
  ...new Map([mailboxAttribute, ...addressAttributes].map(name => [name.toLowerCase(), name])).values(),
]

/**
 * How many addresses one search may be about. OpenLDAP closes the connection of a stranger whose request has more than
 * 262,143 octets (`sockbuf_max_incoming` in slapd.conf(5)); a comparison takes at most 300.
 */
export function addressesPerSearch(attributes: readonly string[]): number {
  const perAddress =
    attributes.reduce((sum, attribute) => sum + (isPrefixed(attribute) ? 2 : 1), 0) * SPELLINGS
  return Math.max(1, Math.floor(800 / perAddress))
}

/** Upper and lower case are alike to the server, and so are `SMTP:` and `smtp:`. */
function valuesFor(address: string, attribute: string): readonly string[] {
  const spellings = writtenForms(address)
  return isPrefixed(attribute) ? spellings.flatMap(text => [text, `smtp:${text}`]) : spellings
}

/** See `writtenForms`. */
const SPELLINGS = 2

/** Active Directory puts the kind of an address before it. */
const isPrefixed = (attribute: string): boolean => attribute.toLowerCase() === 'proxyaddresses'
